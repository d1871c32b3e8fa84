using System.Text.Json;
using OrleansSagas.Decisions;
using OrleansSagas.History;
using OrleansSagas.Plans;
using OrleansSagas.Simulation.Tests.Scenarios;
using OrleansSagas.Simulation.Tests.Services;
using OrleansSagas.Simulation.Tests.Worlds;
using OrleansSagas.Storage;

namespace OrleansSagas.Simulation.Tests.Checks;

/// <summary>
/// The promises, checked from the outside while the world turns: at every commit that becomes durable, at every call of a service, at every
/// answer to a caller.
/// </summary>
internal sealed partial class Rules(World world, Scenario scenario, Books books, Func<Disk> diskOf)
{
    private readonly Dictionary<SagaKey, Ledger> _sagas = [];
    private readonly List<SagaKey> _inOrder = [];
    private readonly Dictionary<string, CommitId> _requests = [];
    private readonly Dictionary<string, (SagaKey Saga, string Step, StepDirection Direction)> _keys = [];
    private readonly Dictionary<(string Key, int Attempt), Process> _attempts = [];

    /// <summary>All sagas, in the order in which they became durable.</summary>
    public IReadOnlyList<SagaKey> Sagas => _inOrder;

    /// <summary>How many attempts were begun.</summary>
    public long Attempts { get; private set; }

    public Ledger Of(SagaKey saga) => _sagas[saga];

    /// <summary>A commit is durable: what it says must follow from what was there.</summary>
    public void OnDurable(SagaCommit commit)
    {
        if (!_sagas.TryGetValue(commit.Saga, out var ledger))
        {
            _sagas.Add(commit.Saga, ledger = new Ledger());
            _inOrder.Add(commit.Saga);
        }

        Need(
            commit.Entries.Count == 0 || ledger.State?.Ended is null,
            commit.Saga,
            "an entry was written after its end: terminal means terminal"
        );
        foreach (var entry in commit.Entries)
            OnEntry(commit.Saga, ledger, entry);
        if (commit.Entries.Count > 0)
            ledger.State = SagaEventFormat.Fold(commit.Saga, ledger.State, commit.Entries);
        var state = ledger.State!;
        ledger.HasTurnedBack |= state.Direction == SagaDirection.Compensating;
        OnRow(commit.Saga, state, diskOf().Tables.Load(commit.Saga)!.Row, commit.At);
        if (SagaDecider.PendingWork(PlanOf(state), state).Work is { } work)
            ledger.Startable[(work.Step.Path, work.Direction, work.Run)] = work.Attempt;
    }

    private void OnEntry(SagaKey saga, Ledger ledger, StoredEntry entry)
    {
        var what = SagaEventFormat.Read(saga, entry);
        if (what is SagaEvent.Started started)
            OnStarted(saga, ledger, started);
        if (entry.CausationId is { } key)
        {
            var request = $"{ledger.Caller}/{key}";
            Need(
                !_requests.TryGetValue(request, out var commit) || commit == entry.Commit,
                saga,
                $"the request {request} was carried out twice"
            );
            _requests[request] = entry.Commit;
        }

        var isOperators =
            what is SagaEvent.Paused or SagaEvent.Resumed or SagaEvent.UndoRetried or SagaEvent.UndoSkipped or SagaEvent.UndoResolved;
        Need(!isOperators || entry.Actor is not null, saga, $"nobody knows who did this: {entry.Name}");
        if (what is SagaEvent.UndoSkipped skipped)
            ledger.Skipped.Add(skipped.Path.Value);
        if (what is SagaEvent.UndoResolved resolved)
            books.Undo(StepKey.Of(saga, resolved.Path, run: 1, StepDirection.Do)); // whoever says so has undone it by other means
        if (what is SagaEvent.AttemptFailed { Error.Type: not ("timeout" or "lost") } failed && scenario.Overlaps == 0)
            Need(
                !ledger.NoAnswers.Contains((failed.Path.Value, failed.Direction, failed.Attempt)),
                saga,
                $"attempt {failed.Attempt} of {failed.Path} counts as failed, and was only stopped"
            );
        if (
            what is SagaEvent.AttemptFailed { Error.Type: "lost" } lost
            && scenario is { Crashes: 0, Stops: 0, Overlaps: 0, Lacks: 0, LossesAreSudden: false }
        )
            Need(false, saga, $"attempt {lost.Attempt} of {lost.Path} counts as lost, and no process died");
        if (what is SagaEvent.StepInterrupted interrupted)
            ledger.Interrupted.Add(interrupted.Path.Value);
        if (what is SagaEvent.SucceededLate late)
            ledger.LateSuccesses[late.Path.Value] = ledger.LateSuccesses.GetValueOrDefault(late.Path.Value) + 1;
    }

    /// <summary>A saga is what its own client asked for, and of nobody else's making.</summary>
    private void OnStarted(SagaKey saga, Ledger ledger, SagaEvent.Started started)
    {
        var client = JsonSerializer.Deserialize<SimulatedData>(started.Data.Bytes.Span, JsonSerializerOptions.Web)!.Client;
        ledger.Caller = Clients.CallerOf(client);
        Need(
            SagaHeaders.AreEqual(started.Headers, SagaHeaders.Of(Clients.HeadersOf(client))),
            saga,
            $"it was started with the headers of another client than {client}"
        );
    }

    private void OnRow(SagaKey saga, SagaState state, SagaRow row, DateTimeOffset now)
    {
        if (row.Status == SagaStatus.Held)
        {
            Need(
                state.Ended is null
                    && row is { Problem: not null, EndedAt: null, WakeAt: null }
                    && (row.Owner is null || row.Owner == Incarnation.Dead),
                saga,
                $"it is held, and its row is {row}"
            );
            Need(scenario is { Lacks: > 0 }, saga, $"it is held, and every life has its definition: {row.Problem}");
            return;
        }

        Need(row.Problem is null, saga, $"it cannot be read: {row.Problem}");
        Need(row.Status == state.Status, saga, $"its row says {row.Status}, its history {state.Status}");
        if (state.Ended is not null || row.Owner is not null)
            return;

        // Nobody holds it: whoever looks for what is due must find it in time.
        var outstanding = SagaDecider.PendingWork(PlanOf(state), state);
        if (outstanding.IsNothing)
            return;
        var needed = outstanding.Work is { DueAt: null } ? now : outstanding.WakeAt ?? now;
        Need(
            row.WakeAt is { } wakeAt && wakeAt <= (needed < now ? now : needed),
            saga,
            $"nobody holds it, something is outstanding at {needed:HH:mm:ss.fff}, and its wake-up is {row.WakeAt:HH:mm:ss.fff}"
        );
    }

    /// <summary>A step's code begins.</summary>
    public void OnAttempt(Process? process, StepContext step, string key, StepDirection direction = StepDirection.Do)
    {
        Attempts++;
        if (!_sagas.TryGetValue(step.Saga, out var ledger))
        {
            Need(false, step.Saga, $"step {step.Step} begins before the saga is durable");
            return;
        }

        Need(
            step.Headers.SequenceEqual(ledger.State!.Headers),
            step.Saga,
            $"step {step.Step} begins with other headers than the saga was started with"
        );
        Need(process is not null, step.Saga, $"step {step.Step} begins outside of every process's scheduler");
        var startable = ledger
            .Startable.Where(work => work.Key.Path.Value == step.Step && work.Key.Direction == direction)
            .Select(work => work.Value)
            .DefaultIfEmpty()
            .Max();
        Need(
            step.Attempt <= startable,
            step.Saga,
            $"attempt {step.Attempt} of {step.Step} ({direction}) begins before the commit that makes it so"
        );
        OnKey(ledger, step, key, direction);
        if (_attempts.TryGetValue((key, step.Attempt), out var earlier))
            Need(
                MayBeginAgain(ledger, earlier, step, direction),
                step.Saga,
                $"attempt {step.Attempt} of {key} was begun by {earlier.Name} and is begun again by {process!.Name}, without having "
                    + "been counted as lost"
            );
        _attempts[(key, step.Attempt)] = process!;
        ledger.NoAnswers.Remove((step.Step, direction, step.Attempt));

        var plan = PlanOf(ledger.State!);
        var index = IndexOf(plan, step.Step);
        if (
            scenario is { ClockJumps: 0, Overlaps: 0 }
            && ledger.State!.Find(plan.Steps[index].Path) is { DueAt: { } due } known
            && (direction == StepDirection.Do ? known.Attempt : known.UndoAttempt) == step.Attempt
        )
            Need(
                process!.Runtime.Clock.GetUtcNow() >= due,
                step.Saga,
                $"attempt {step.Attempt} of {step.Step} begins before its pause is over"
            );
        if (direction == StepDirection.Undo)
            return;
        Need(
            plan.Steps[index].Retry.MaxAttempts is not { } most || step.Attempt <= most,
            step.Saga,
            $"{step.Step} is tried {step.Attempt} times"
        );
        for (var before = 0; before < index; before++)
        {
            var done = ledger.ActionKeys.GetValueOrDefault(plan.Steps[before].Path.Value);
            Need(
                done is not null && (books.IsDone(done) || books.WasUndone(done)),
                step.Saga,
                $"{step.Step} begins, and {plan.Steps[before].Path} before it was not done"
            );
        }
    }

    /// <summary>A step's code throws after a stop was signalled: that is no answer.</summary>
    public void OnNoAnswer(StepContext step) =>
        _sagas[step.Saga].NoAnswers.Add((step.Step, step is UndoContext ? StepDirection.Undo : StepDirection.Do, step.Attempt));

    /// <summary>An undo's code begins.</summary>
    public void OnUndo(Process? process, UndoContext step)
    {
        OnAttempt(process, step, step.Key, StepDirection.Undo);
        if (!_sagas.TryGetValue(step.Saga, out var ledger))
            return;
        Need(ledger.HasTurnedBack, step.Saga, $"{step.Step} is undone while the saga goes forward");
        if (ledger.ActionKeys.TryGetValue(step.Step, out var action))
            Need(action == step.ActionKey, step.Saga, $"{step.Step} was done as {action} and is undone as {step.ActionKey}");
        else
            ledger.ActionKeys.Add(step.Step, step.ActionKey);
        var plan = PlanOf(ledger.State!);
        for (var after = IndexOf(plan, step.Step) + 1; after < plan.Steps.Length; after++)
        {
            var later = plan.Steps[after];
            if (
                later.HasUndo
                && !ledger.Skipped.Contains(later.Path.Value)
                && ledger.ActionKeys.TryGetValue(later.Path.Value, out var done)
            )
                Need(!books.IsDone(done), step.Saga, $"{step.Step} is undone before {later.Path}, which came after it");
        }
    }

    /// <summary>
    /// An attempt that ended without an answer is counted as lost, except where it was stopped, where an adopter whose clock is behind
    /// cannot know that it was due, where two owners each begin what comes due, and where an undo was put aside because what comes before
    /// it succeeded late.
    /// </summary>
    private bool MayBeginAgain(Ledger ledger, Process earlier, StepContext step, StepDirection direction) =>
        (
            scenario.Losses > 0
            && (
                direction == StepDirection.Undo
                || ledger.Interrupted.Contains(step.Step)
                || ledger.State!.Find(StepPath.Parse(step.Step)) is { Uncertain: true }
            )
        )
        || earlier.IsStopping
        || scenario.ClockJumps > 0
        || scenario.Overlaps > 0
        || (direction == StepDirection.Undo && ledger.LateSuccesses.Count > 0);

    private void OnKey(Ledger ledger, StepContext step, string key, StepDirection direction)
    {
        if (!_keys.TryAdd(key, (step.Saga, step.Step, direction)))
            Need(
                _keys[key] == (step.Saga, step.Step, direction),
                step.Saga,
                $"the key {key} is used for {step.Step} ({direction}) and was used for {_keys[key]}"
            );
        if (direction == StepDirection.Do)
        {
            if (!ledger.ActionKeys.TryAdd(step.Step, key))
                Need(
                    ledger.ActionKeys[step.Step] == key,
                    step.Saga,
                    $"the key of {step.Step} was {ledger.ActionKeys[step.Step]} and is {key}"
                );
            return;
        }

        if (!ledger.UndoKeys.TryGetValue(step.Step, out var keys))
            ledger.UndoKeys.Add(step.Step, keys = []);
        keys.Add(key);
        Need(
            keys.Count <= 1 + ledger.LateSuccesses.GetValueOrDefault(step.Step),
            step.Saga,
            $"the undo of {step.Step} changes its key: {string.Join(", ", keys)}"
        );
    }

    private void Need(bool holds, SagaKey saga, string otherwise)
    {
        if (!holds)
            world.Fail($"Saga {saga.Id}: {otherwise}.");
    }

    private SagaPlan PlanOf(SagaState state) => scenario.Definitions.First(definition => definition.Plan.Type == state.Identity.Type).Plan;

    private static int IndexOf(SagaPlan plan, string step)
    {
        for (var i = 0; i < plan.Steps.Length; i++)
            if (plan.Steps[i].Path.Value == step)
                return i;
        return -1;
    }
}
