namespace OrleansSagas;

/// <summary>
/// The platform did not answer, or did not take the request, for as long as it was repeated. Whether it was done is not known; repeating
/// with the same request id is safe.
/// </summary>
public sealed class SagaUnavailableException : SagaClientException
{
    /// <summary>Says what is wrong and what to do.</summary>
    public SagaUnavailableException(string message, Exception? inner = null)
        : base(message, inner) { }
}
