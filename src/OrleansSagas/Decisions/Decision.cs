using System.Collections.Immutable;

namespace OrleansSagas.Decisions;

/// <summary>What the decider answers: what happened, or why nothing did.</summary>
internal abstract record Decision
{
    private Decision() { }

    /// <summary>The input was taken.</summary>
    /// <param name="Events">What happened; empty where the saga stood so already.</param>
    /// <param name="Next">The state after it; null only where nothing was there and nothing happened.</param>
    public sealed record Accepted(ImmutableArray<SagaEvent> Events, SagaState Next) : Decision;

    /// <summary>The input does not fit.</summary>
    public sealed record Rejected(RejectionKind Kind, string Message) : Decision;
}
