using OrleansSagas.Storage;

namespace OrleansSagas.Execution;

/// <summary>How an engine brings messages to a saga's process, wherever that is.</summary>
internal interface IMessageRoutes
{
    /// <summary>Gives a message to the saga's process, in this silo or another.</summary>
    void Route(SagaKey saga, SagaMessage message);

    /// <summary>Whether another engine that is alive has what a saga needs, as the store says at this moment.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    Task<bool> IsElsewhereAsync(SagaNeeds needs);
}
