namespace OrleansSagas.Owning;

/// <summary>How an engine brings letters to a saga's owner, wherever that is.</summary>
internal interface IOwnerRoutes
{
    /// <summary>Gives a letter to the saga's owner, in this process or another.</summary>
    void Route(SagaKey saga, Letter letter);

    /// <summary>An owner here has let go of its saga.</summary>
    void Closed(SagaKey saga);
}
