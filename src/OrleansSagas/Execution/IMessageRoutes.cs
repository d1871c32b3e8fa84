namespace OrleansSagas.Execution;

/// <summary>How an engine brings messages to a saga's process, wherever that is.</summary>
internal interface IMessageRoutes
{
    /// <summary>Gives a message to the saga's process, in this silo or another.</summary>
    void Route(SagaKey saga, SagaMessage message);
}
