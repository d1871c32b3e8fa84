using System.Text.Json.Serialization;

namespace OrleansSagas.Bench.Workloads;

/// <summary>What can be measured.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WorkloadKind>))]
internal enum WorkloadKind
{
    /// <summary>The saga engine in an Orleans silo.</summary>
    Engine,

    /// <summary>The saga engine for one process, without Orleans.</summary>
    InProcess,

    /// <summary>As many rows through a bare group-committing writer, with no engine: the limit.</summary>
    Raw,

    /// <summary>Nothing: the generator's own ceiling.</summary>
    Empty,

    /// <summary>
    /// An empty Orleans silo in which each request activates, calls and deactivates an empty grain: what Orleans itself costs.
    /// </summary>
    EmptyGrain,

    /// <summary>A peer: Wolverine's sagas over Marten and PostgreSQL.</summary>
    Wolverine,
}
