namespace OrleansSagas;

/// <summary>The platform does not know this caller, or does not let it do this.</summary>
public sealed class SagaUnauthorizedException : SagaClientException
{
    /// <summary>Says what is wrong and what to do.</summary>
    public SagaUnauthorizedException(string message, Exception? inner = null)
        : base(message, inner) { }
}
