namespace OrleansSagas;

/// <summary>The request or its data is wrong or too large; repeating it unchanged fails again.</summary>
public sealed class InvalidSagaRequestException : SagaClientException
{
    /// <summary>Says what is wrong and what to do.</summary>
    public InvalidSagaRequestException(string message, Exception? inner = null)
        : base(message, inner) { }
}
