using OrleansSagas.Decisions;
using OrleansSagas.Simulation.Tests.Scenarios;

namespace OrleansSagas.Simulation.Tests.Checks;

/// <summary>What callers are told, and what must be true in the end.</summary>
internal sealed partial class Rules
{
    private readonly Dictionary<string, SagaKey> _started = [];

    /// <summary>The requests that were acknowledged, with their sagas.</summary>
    public IReadOnlyDictionary<string, SagaKey> Started => _started;

    /// <summary>A caller is told that its request was taken: then it is durable, at least as far as the answer says.</summary>
    public void OnAnswer(SagaView view, string? request)
    {
        var saga = new SagaKey(view.Id);
        var stored = diskOf().Tables.ReadHistory(saga, 0, int.MaxValue);
        Need(stored is not null, saga, "it was acknowledged before it was durable");
        if (stored is null)
            return;
        Need(stored.Count >= view.Revision, saga, $"it was acknowledged at revision {view.Revision} and is durable up to {stored.Count}");
        Need(
            !view.Status.IsTerminal() || _sagas[saga].State!.Ended == view.Status,
            saga,
            $"its caller was told that it ended as {view.Status}; it is {_sagas[saga].State!.Status}"
        );
        if (request is not null && !_started.TryAdd(request, saga))
            Need(_started[request] == saga, saga, $"the request {request} was answered with {_started[request].Id} before");
    }

    /// <summary>An operator is told that what it asked is done.</summary>
    public void OnActed(SagaView view, OperatorAction verb)
    {
        OnAnswer(view, null);
        _sagas[new SagaKey(view.Id)].Accepted.Add(verb);
    }

    /// <summary>All has ended and nothing is on its way any more: the books must agree with what the sagas say.</summary>
    public void Audit()
    {
        foreach (var saga in _inOrder)
            Audit(saga, _sagas[saga]);
    }

    private void Audit(SagaKey saga, Ledger ledger)
    {
        var state = ledger.State!;
        if (state.Ended is not { } ended)
        {
            Need(false, saga, $"it has not ended: it is {state.Status}");
            return;
        }

        var plan = PlanOf(state);
        if (ended == SagaStatus.Completed)
        {
            var results = System
                .Text.Json.JsonSerializer.Deserialize<SimulatedData>(state.Data.Bytes.Span, System.Text.Json.JsonSerializerOptions.Web)!
                .Results;
            var expected = string.Concat(plan.Steps.Select(step => $"{step.Path.Value};"));
            Need(results == expected, saga, $"it completed with the results '{results}' instead of '{expected}'");
        }

        foreach (var step in plan.Steps)
        {
            var key = ledger.ActionKeys.GetValueOrDefault(step.Path.Value);
            var isDone = key is not null && books.IsDone(key);
            if (ended == SagaStatus.Completed)
                Need(isDone, saga, $"it completed, and the effect of {step.Path} is not there");
            else if (ended != SagaStatus.Terminated && isDone && step.HasUndo)
                Need(ledger.Skipped.Contains(step.Path.Value), saga, $"it ended as {ended}, and the effect of {step.Path} is still there");
            else if (ended != SagaStatus.Terminated && isDone)
                Need(
                    state.Find(step.Path) is { Phase: StepPhase.Done or StepPhase.Unknown },
                    saga,
                    $"it ended as {ended}; {step.Path}, which has no undo, took effect, and its history does not say so"
                );
            if (ended == SagaStatus.Failed)
                Need(
                    key is null || !books.WasUndone(key),
                    saga,
                    $"it ended as Failed, as if nothing had been there to undo, and {step.Path} was undone"
                );
        }

        Need(
            !ledger.Accepted.Contains(OperatorAction.Cancel) || ended is SagaStatus.Cancelled or SagaStatus.Terminated,
            saga,
            $"its cancel was acknowledged, and it ended as {ended}"
        );
        Need(
            !ledger.Accepted.Contains(OperatorAction.Terminate) || ended == SagaStatus.Terminated,
            saga,
            $"its end by an operator was acknowledged, and it ended as {ended}"
        );
    }
}
