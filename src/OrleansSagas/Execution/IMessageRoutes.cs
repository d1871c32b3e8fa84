namespace OrleansSagas.Execution;

/// <summary>How an engine brings messages to a saga's owner, wherever that is.</summary>
internal interface IMessageRoutes
{
    /// <summary>Gives a message to the saga's owner, in this process or another.</summary>
    void Route(SagaKey saga, SagaMessage message);

    /// <summary>An owner here has let go of its saga.</summary>
    void Closed(SagaKey saga);
}
