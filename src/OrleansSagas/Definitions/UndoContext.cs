using OrleansSagas.Decisions;
using OrleansSagas.Plans;

namespace OrleansSagas;

/// <summary>What an attempt of a step's undo is told.</summary>
public sealed class UndoContext : StepContext
{
    private readonly int _actionRun;
    private string? _actionKey;

    internal UndoContext(SagaState saga, PlanStep step, int run, int attempt, CancellationToken cancellation, CancellationToken stopping)
        : base(saga, step, run, attempt, cancellation, stopping) => _actionRun = saga.Find(step.Path)?.Run ?? 1;

    /// <summary>
    /// The idempotency key of the action that is undone. A service that never saw it has nothing to undo, and must refuse it from now on.
    /// </summary>
    public string ActionKey => _actionKey ??= StepKey.Of(Saga, Plan.Path, _actionRun, StepDirection.Do);

    private protected override StepDirection Direction => StepDirection.Undo;
}
