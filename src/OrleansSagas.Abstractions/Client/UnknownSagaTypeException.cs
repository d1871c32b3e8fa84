namespace OrleansSagas;

/// <summary>No such saga type, or no such version of it, is defined where the start was sent.</summary>
public sealed class UnknownSagaTypeException : SagaClientException
{
    /// <summary>Says what is wrong and what to do.</summary>
    public UnknownSagaTypeException(string message, Exception? inner = null)
        : base(message, inner) { }
}
