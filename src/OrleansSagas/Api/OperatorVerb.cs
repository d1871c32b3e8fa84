using System.Collections.Frozen;
using OrleansSagas.Decisions;
using OrleansSagas.Plans;

namespace OrleansSagas;

/// <summary>All that an operator can ask of a saga. A new verb is a row here, a command and its rule in the decider.</summary>
/// <param name="action">What is asked; its name is the verb's.</param>
/// <param name="summary">What it does, in one sentence of the API's description.</param>
/// <param name="command">What the saga is given, of a step (null for the one that is stuck) and a reason.</param>
internal sealed class OperatorVerb(OperatorAction action, string summary, Func<StepPath?, string?, SagaCommand> command)
{
    private static readonly FrozenDictionary<OperatorAction, OperatorVerb> ByAction = new OperatorVerb[]
    {
        new(OperatorAction.Cancel, "Stops going forward and undoes what was done.", static (_, note) => new SagaCommand.Cancel(note)),
        new(OperatorAction.Terminate, "Stops the saga as it is; nothing is undone.", static (_, note) => new SagaCommand.Terminate(note)),
        new(OperatorAction.Pause, "Starts nothing new until resumed.", static (_, note) => new SagaCommand.Pause(note)),
        new(OperatorAction.Resume, "Goes on after a pause.", static (_, note) => new SagaCommand.Resume(note)),
        new(
            OperatorAction.Retry,
            "Tries an undo that failed for good once more.",
            static (step, note) => new SagaCommand.RetryUndo(step, note)
        ),
        new(
            OperatorAction.Skip,
            "Leaves the effect of a step whose undo failed for good, and goes on.",
            static (step, note) => new SagaCommand.SkipUndo(step, note)
        )
        {
            NeedsReason = true,
        },
        new(
            OperatorAction.Resolve,
            "Notes that the effect of a step was undone by other means, and goes on.",
            static (step, note) => new SagaCommand.ResolveUndo(step, note)
        )
        {
            NeedsReason = true,
        },
    }.ToFrozenDictionary(verb => verb.Action);

    /// <summary>All verbs, in the order of their actions.</summary>
    public static IEnumerable<OperatorVerb> All => Enum.GetValues<OperatorAction>().Select(Of);

    public OperatorAction Action { get; } = action;

    /// <summary>The last segment of its path.</summary>
    public string Path { get; } = action.ToVerb();

    public string Summary => summary;

    /// <summary>Whether somebody must say why, because what it leaves is visible nowhere else. Default: false.</summary>
    public bool NeedsReason { get; private init; }

    /// <exception cref="ArgumentOutOfRangeException">It is no verb.</exception>
    public static OperatorVerb Of(OperatorAction action) =>
        ByAction.GetValueOrDefault(action)
        ?? throw new ArgumentOutOfRangeException(nameof(action), action, "This verb is not known: add it to the table.");

    public SagaCommand Command(StepPath? step, string? reason) => command(step, reason);
}
