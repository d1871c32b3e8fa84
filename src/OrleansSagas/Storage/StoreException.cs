namespace OrleansSagas.Storage;

/// <summary>The store cannot be used: it is held by another process, has a newer schema, or does not answer.</summary>
public sealed class StoreException : SagaException
{
    /// <summary>Says what is wrong and what to do.</summary>
    public StoreException(string message, Exception? inner = null)
        : base(message, inner) { }
}
