namespace OrleansSagas;

/// <summary>The request id was used before with another request.</summary>
public sealed class IdempotencyKeyReusedException : SagaClientException
{
    /// <summary>Says what is wrong and what to do.</summary>
    public IdempotencyKeyReusedException(string message, Exception? inner = null)
        : base(message, inner) { }
}
