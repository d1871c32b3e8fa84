using System.Text.Json.Serialization;

namespace OrleansSagas.Bench;

/// <summary>How the load reaches what is measured.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Transport>))]
internal enum Transport
{
    /// <summary>Over HTTP, from another process.</summary>
    Http,

    /// <summary>By method call, in the silo's own process.</summary>
    InProc,
}
