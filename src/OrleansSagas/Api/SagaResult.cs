namespace OrleansSagas;

/// <summary>What became of a request: a closed list.</summary>
internal abstract record SagaResult
{
    private SagaResult() { }

    /// <summary>It was taken, now or when the same request id came first.</summary>
    /// <param name="View">The saga as it stands.</param>
    public sealed record Accepted(SagaView View) : SagaResult;

    /// <summary>It was refused.</summary>
    /// <param name="Refusal">Why.</param>
    /// <param name="Detail">Why, in words for a person, with what to do.</param>
    /// <param name="RetryAfter">When to try again; null where that does not help.</param>
    public sealed record Refused(SagaRefusal Refusal, string Detail, TimeSpan? RetryAfter = null) : SagaResult;
}
