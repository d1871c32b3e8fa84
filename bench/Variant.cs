using System.Text.Json.Serialization;

namespace OrleansSagas.Bench;

/// <summary>How the workload's sagas end.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Variant>))]
internal enum Variant
{
    /// <summary>All steps are done.</summary>
    Ok,

    /// <summary>The fourth step is rejected for good, and the three before it are undone.</summary>
    Fail,

    /// <summary>The first step fails, and is tried again months later: not for load, but to fill a store.</summary>
    Waiting,
}
