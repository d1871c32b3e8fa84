namespace OrleansSagas;

/// <summary>The root of what this library throws.</summary>
public abstract class SagaException : Exception
{
    /// <summary>Says what is wrong and what to do.</summary>
    protected SagaException(string message, Exception? inner = null)
        : base(message, inner) { }
}
