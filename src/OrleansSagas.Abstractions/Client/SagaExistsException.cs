namespace OrleansSagas;

/// <summary>A saga with the id that was asked for exists already, started by another request.</summary>
public sealed class SagaExistsException : SagaClientException
{
    /// <summary>Says what is wrong and what to do.</summary>
    public SagaExistsException(string message, Exception? inner = null)
        : base(message, inner) { }
}
