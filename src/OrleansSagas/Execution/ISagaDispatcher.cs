using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Execution;

/// <summary>The one port of an engine: give this to the saga's single process, wherever that is.</summary>
internal interface ISagaDispatcher
{
    /// <summary>
    /// Gives <paramref name="call"/> to the process of <paramref name="saga"/>, and answers when what it led to is durable.
    /// </summary>
    ValueTask<CommandResult> SendAsync(SagaKey saga, CommandEnvelope call);

    /// <summary>Why the engine takes no work now, in words for an operator; null when it does.</summary>
    string? Problem { get; }

    /// <summary>Which definitions are not served here although the engine works, in words for an operator; null when all are.</summary>
    string? DefinitionProblem => null;

    /// <summary>
    /// A definition that is not here but elsewhere in the cluster, where a start of it is given to: the newest, or
    /// <paramref name="version"/>; null where there is none.
    /// </summary>
    PlanIdentity? FindElsewhere(string type, int? version) => null;
}
