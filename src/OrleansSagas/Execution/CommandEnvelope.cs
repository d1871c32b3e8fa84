using System.Text.Json.Serialization;
using OrleansSagas.Decisions;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Execution;

/// <summary>An input on its way to a saga's process, with who sent it and why.</summary>
internal sealed record CommandEnvelope
{
    /// <summary>The input.</summary>
    public required SagaCommand Input { get; init; }

    /// <summary>The definition to start, with a <see cref="SagaCommand.Start"/>; null otherwise.</summary>
    public PlanIdentity? Plan { get; init; }

    /// <summary>Who asks; null when it is the engine.</summary>
    public string? Actor { get; init; }

    /// <summary>The W3C trace parent of what caused it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The request that it answers; null for none.</summary>
    public StoredRequest? Request { get; init; }

    /// <summary>Whether the reply must show the saga; a caller that waits for its end does not look at it before. Default: true.</summary>
    public bool WantsView { get; init; } = true;

    /// <summary>The typed data of a start, as it was read when it was checked here; null where it was checked elsewhere.</summary>
    [JsonIgnore]
    public object? StartData { get; init; }

    /// <summary>Whether nobody could check the data of a start yet, because its definition is elsewhere.</summary>
    public bool IsUnchecked { get; init; }
}
