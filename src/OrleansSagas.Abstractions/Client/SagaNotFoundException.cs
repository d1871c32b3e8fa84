namespace OrleansSagas;

/// <summary>No saga has this id: it was never started here, or was purged.</summary>
public sealed class SagaNotFoundException : SagaClientException
{
    /// <summary>Says what is wrong and what to do.</summary>
    public SagaNotFoundException(string message, Exception? inner = null)
        : base(message, inner) { }
}
