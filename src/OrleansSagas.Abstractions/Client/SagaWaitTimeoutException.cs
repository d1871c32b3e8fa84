namespace OrleansSagas;

/// <summary>The saga had not ended when the time to wait for it was over. It goes on.</summary>
public sealed class SagaWaitTimeoutException : SagaClientException
{
    /// <summary>Says what is wrong and what to do.</summary>
    public SagaWaitTimeoutException(string message, Exception? inner = null)
        : base(message, inner) { }

    /// <summary>The saga as it was last seen; null where no answer came in time.</summary>
    public SagaView? LastView { get; init; }
}
