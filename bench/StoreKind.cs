using System.Text.Json.Serialization;

namespace OrleansSagas.Bench;

/// <summary>Where sagas are kept.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StoreKind>))]
internal enum StoreKind
{
    /// <summary>A SQLite file.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server.</summary>
    Postgres,
}
