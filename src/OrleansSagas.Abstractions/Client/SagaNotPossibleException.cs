namespace OrleansSagas;

/// <summary>The saga's status does not allow what was asked.</summary>
public sealed class SagaNotPossibleException : SagaClientException
{
    /// <summary>Says what is wrong and what to do.</summary>
    public SagaNotPossibleException(string message, Exception? inner = null)
        : base(message, inner) { }
}
