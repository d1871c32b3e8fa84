using System.Runtime.CompilerServices;
using OrleansSagas.Decisions;
using OrleansSagas.Execution;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;

namespace OrleansSagas.Testing;

/// <summary>
/// An example of how a definition behaves: given its data, when steps answer so, then that is to be done. Pure: no host, no clock, no
/// services, no step's code but its folds.
/// </summary>
public sealed class SagaSpec
{
    private static readonly IdentityPayloadCodec Codec = new();

    private readonly SagaDefinition _definition;
    private SagaState _state;
    private object _data;
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private SagaSpec(SagaDefinition definition, object data)
    {
        _definition = definition;
        var bytes = definition.Write(data);
        _data = definition.Read(bytes);
        var start = new SagaCommand.Start(new SagaKey(new SagaId("saga-1")), new Payload(bytes));
        _state = ((Decision.Accepted)SagaDecider.Decide(definition.Plan, null, start, _now)).Next;
    }

    /// <summary>The saga as it stands.</summary>
    public SagaView View => SagaViews.Of(Plan, _state, _definition.Tags(_data), Codec, _now);

    private SagaPlan Plan => _definition.Plan;

    /// <summary>A saga was started with <paramref name="data"/>.</summary>
    /// <exception cref="ArgumentException">The definition's data is of another type.</exception>
    public static SagaSpec Given<T>(SagaDefinition definition, T data)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(data);
        return definition.DataType.IsInstanceOfType(data)
            ? new SagaSpec(definition, data)
            : throw new ArgumentException(
                $"The data of a saga of type '{definition.Plan.Type}' is of the type {definition.DataType.Name}, not {typeof(T).Name}.",
                nameof(data)
            );
    }

    /// <summary>A step that answers nothing was done.</summary>
    public SagaSpec WhenSucceeds(string step) => Succeeds(step, Task.CompletedTask);

    /// <summary>A step was done and answered <paramref name="result"/>, which is folded into the data.</summary>
    public SagaSpec WhenSucceeds<TResult>(string step, TResult result) => Succeeds(step, Task.FromResult(result));

    /// <summary>An attempt failed, and nobody knows what it did. Where another follows, the clock moves to it with its answer.</summary>
    /// <param name="step">The step.</param>
    /// <param name="with">What it threw. Default: an <see cref="InjectedFaultException"/>.</param>
    public SagaSpec WhenFails(string step, Exception? with = null) => Fails(step, StepDirection.Do, with);

    /// <summary>A step fails as often as it is tried, and is given up.</summary>
    /// <param name="step">The step.</param>
    /// <param name="with">What it threw. Default: an <see cref="InjectedFaultException"/>.</param>
    public SagaSpec WhenGivenUp(string step, Exception? with = null) => GivenUp(step, StepDirection.Do, with);

    /// <summary>A step was rejected: nothing was done.</summary>
    public SagaSpec WhenRejected(string step, string message = "Rejected by the test.") =>
        Answer(step, StepDirection.Do, new StepOutcome.Rejected(StepExecutor.ErrorOf(new StepRejectedException(message))));

    /// <summary>A step was undone.</summary>
    public SagaSpec WhenUndone(string step) => Answer(step, StepDirection.Undo, new StepOutcome.Succeeded());

    /// <summary>An attempt to undo a step failed.</summary>
    /// <param name="step">The step.</param>
    /// <param name="with">What it threw. Default: an <see cref="InjectedFaultException"/>.</param>
    public SagaSpec WhenUndoFails(string step, Exception? with = null) => Fails(step, StepDirection.Undo, with);

    /// <summary>The undo of a step fails as often as it is tried: the saga is stuck.</summary>
    /// <param name="step">The step.</param>
    /// <param name="with">What it threw. Default: an <see cref="InjectedFaultException"/>.</param>
    public SagaSpec WhenUndoGivenUp(string step, Exception? with = null) => GivenUp(step, StepDirection.Undo, with);

    /// <summary>An operator acts. What is outstanding and due counts as begun: its answer may still come.</summary>
    /// <param name="verb">What is done.</param>
    /// <param name="step">The step that retry, skip and resolve act on. Default: the one that is stuck.</param>
    public SagaSpec When(OperatorAction verb, string? step = null)
    {
        StepPath? path = step is null ? null : StepAt(step).Path;
        return Give(OperatorVerb.Of(verb).Command(path, null) with { InFlight = InFlight() });
    }

    /// <summary>Time passes, and a deadline may with it. No attempt times out by that: say so with <see cref="WhenFails"/>.</summary>
    public SagaSpec WhenTimePasses(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        var until = _now + time;
        while (NextWake() is { } wake && wake <= until)
        {
            _now = wake > _now ? wake : _now;
            var before = _state;
            Give(new SagaCommand.TimePassed { InFlight = InFlight() });
            if (ReferenceEquals(before, _state))
                break;
        }

        _now = until;
        return this;
    }

    /// <summary>Expects that an attempt to do this step is outstanding.</summary>
    /// <exception cref="SagaTestException">Something else is.</exception>
    public SagaSpec ThenDoes(string step, int attempt = 1) => Expect(StepAt(step), StepDirection.Do, attempt);

    /// <summary>Expects that an attempt to undo this step is outstanding.</summary>
    /// <exception cref="SagaTestException">Something else is.</exception>
    public SagaSpec ThenUndoes(string step, int attempt = 1) => Expect(StepAt(step), StepDirection.Undo, attempt);

    /// <summary>Expects that the saga stands so.</summary>
    /// <exception cref="SagaTestException">It does not.</exception>
    public SagaSpec ThenIs(SagaStatus status) => _state.Status == status ? this : throw Failure($"that the saga is {status}");

    /// <summary>Expects something of the saga's data.</summary>
    /// <param name="holds">What is expected.</param>
    /// <param name="what">That in words, for the message. Default: its source text.</param>
    /// <exception cref="SagaTestException">It does not hold.</exception>
    /// <exception cref="ArgumentException">The data is of another type.</exception>
    public SagaSpec Then<T>(Func<T, bool> holds, [CallerArgumentExpression(nameof(holds))] string what = "")
        where T : class
    {
        ArgumentNullException.ThrowIfNull(holds);
        if (_data is not T data)
            throw new ArgumentException(
                $"The data of a saga of type '{Plan.Type}' is of the type {_definition.DataType.Name}, not {typeof(T).Name}.",
                nameof(holds)
            );
        return holds(data) ? this : throw Failure($"{what}, of {System.Text.Encoding.UTF8.GetString(_state.Data.Bytes.Span)}");
    }

    private SagaSpec Succeeds(string step, Task acted)
    {
        var plan = StepAt(step);
        var data = _data;
        StepOutcome outcome;
        try
        {
            data = _definition.Fold(plan.Index, _data, acted);
            outcome = new StepOutcome.Succeeded(ReferenceEquals(data, _data) ? null : new Payload(_definition.Write(data)));
        }
        catch (InvalidCastException exception)
        {
            throw new ArgumentException(
                $"Step '{step}' answers with another type: give {nameof(WhenSucceeds)} a result of the type that its fold takes.",
                nameof(step),
                exception
            );
        }
        catch (Exception exception)
        {
            outcome = new StepOutcome.ResultRejectedByFold(StepExecutor.ErrorOf(exception));
        }

        Answer(step, StepDirection.Do, outcome);
        _data = data;
        return this;
    }

    private SagaSpec Fails(string step, StepDirection direction, Exception? with)
    {
        with ??= new InjectedFaultException(
            $"The {(direction == StepDirection.Do ? "step" : "undo of step")} '{step}' fails, says the test."
        );
        return Answer(
            step,
            direction,
            new StepOutcome.Failed(StepExecutor.ErrorOf(with), StepExecutor.WorthRetrying(StepAt(step).RetryOf(direction), with))
        );
    }

    private SagaSpec GivenUp(string step, StepDirection direction, Exception? with)
    {
        var plan = StepAt(step);
        if (plan.RetryOf(direction).MaxAttempts is null)
            throw new ArgumentException($"The step '{step}' is never given up: its retry policy has no maximum.", nameof(step));
        do Fails(step, direction, with);
        while (_state.Ended is null && SagaDecider.Awaits(Plan, _state, WorkOf(plan, direction)));
        return this;
    }

    /// <summary>Answers for the attempt that is awaited, at the time when it is due.</summary>
    private SagaSpec Answer(string step, StepDirection direction, StepOutcome outcome)
    {
        var work = WorkOf(StepAt(step), direction);
        if (!SagaDecider.Awaits(Plan, _state, work))
            throw Failure($"that an attempt to {Word(direction)} '{step}' is awaited");
        _now = work.DueAt > _now ? work.DueAt.Value : _now;
        return Give(new SagaCommand.Answer(work.Step.Path, direction, work.Run, work.Attempt, outcome));
    }

    private SagaSpec Give(SagaCommand input)
    {
        var decision = SagaDecider.Decide(Plan, _state, input, _now);
        if (decision is Decision.Rejected rejected)
            throw new SagaTestException($"This cannot happen to the saga now: {rejected.Message}\n{SagaReport.Of(View)}");
        _state = ((Decision.Accepted)decision).Next;
        return this;
    }

    private SagaSpec Expect(PlanStep step, StepDirection direction, int attempt) =>
        SagaDecider.PendingWork(Plan, _state).Work is { } work
        && work.Step == step
        && work.Direction == direction
        && work.Attempt == attempt
            ? this
            : throw Failure($"that attempt {attempt} to {Word(direction)} '{step.Path}' is outstanding");

    private SagaTestException Failure(string expected)
    {
        var next = SagaDecider.PendingWork(Plan, _state).Work is { } work
            ? $"attempt {work.Attempt} to {Word(work.Direction)} '{work.Step.Path}'"
            : "nothing";
        return new SagaTestException($"Expected {expected}.\nOutstanding is: {next}.\n{SagaReport.Of(View)}");
    }

    private WorkItem WorkOf(PlanStep step, StepDirection direction)
    {
        var state = _state.Find(step.Path);
        return direction == StepDirection.Do
            ? new WorkItem(step, direction, state?.Run ?? 1, state?.Attempt ?? 1, state?.DueAt)
            : new WorkItem(step, direction, state?.UndoRun ?? 1, Math.Max(1, state?.UndoAttempt ?? 1), state?.DueAt);
    }

    private System.Collections.Immutable.ImmutableArray<StepPath> InFlight() =>
        SagaDecider.PendingWork(Plan, _state).Work is { Direction: StepDirection.Do } work && work.IsDue(_now) ? [work.Step.Path] : [];

    /// <summary>When the saga is to be given the time: what an attempt is due for is none of that.</summary>
    private DateTimeOffset? NextWake()
    {
        var outstanding = SagaDecider.PendingWork(Plan, _state);
        return outstanding.Work is { DueAt: not null } work && _state.Find(work.Step.Path) is { } step
            ? SagaDecider.PendingWork(Plan, _state.With(step with { DueAt = null })).WakeAt
            : outstanding.WakeAt;
    }

    private PlanStep StepAt(string step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Plan.Find(StepPath.Root(step))
            ?? throw new ArgumentException(
                $"The saga type '{Plan.Type}' has no step '{step}'. There are: "
                    + $"{string.Join(", ", Plan.Steps.Select(known => known.Path.Value))}.",
                nameof(step)
            );
    }

    private static string Word(StepDirection direction) => direction == StepDirection.Do ? "do" : "undo";
}
