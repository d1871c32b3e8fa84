using OrleansSagas.Plans;

namespace OrleansSagas.Testing;

/// <summary>
/// What is to go wrong with one step, or with its undo. Each attempt takes the next fault that was asked for, in that order and for each
/// saga anew; then the step works.
/// </summary>
public sealed class StepFaults
{
    private static readonly Task<Task> Never = new TaskCompletionSource<Task>().Task;

    private readonly Lock _gate = new();
    private readonly List<PlannedFault> _planned = [];
    private readonly Dictionary<SagaKey, int> _taken = [];
    private readonly VirtualTime _time;
    private readonly string _step;
    private readonly string? _type;
    private readonly SagaId? _saga;
    private readonly StepDirection _direction;
    private int _fired;

    internal StepFaults(VirtualTime time, string step, string? type, SagaId? saga, StepDirection direction) =>
        (_time, _step, _type, _saga, _direction) = (time, step, type, saga, direction);

    /// <summary>How often one of these faults came.</summary>
    public int Fired
    {
        get
        {
            lock (_gate)
                return _fired;
        }
    }

    /// <summary>The next attempts fail before they have done anything; nobody but the test knows that they have not.</summary>
    /// <param name="times">How many attempts of each saga.</param>
    /// <param name="with">What they throw. Default: an <see cref="InjectedFaultException"/>.</param>
    public StepFaults Fails(int times = 1, Exception? with = null) => Plan(times, "fails", Failing(with));

    /// <summary>Every further attempt fails before it has done anything.</summary>
    /// <param name="with">What they throw. Default: an <see cref="InjectedFaultException"/>.</param>
    public StepFaults AlwaysFails(Exception? with = null) => Plan(1, "always fails", Failing(with), isForever: true);

    /// <summary>
    /// Every further attempt is rejected, which is for good: the step does nothing and throws a <see cref="StepRejectedException"/>.
    /// </summary>
    public StepFaults IsRejected(string message = "Rejected by the test.")
    {
        ArgumentNullException.ThrowIfNull(message);
        return Plan(1, "is rejected", (_, _) => Task.FromException<Task>(new StepRejectedException(message)), isForever: true);
    }

    /// <summary>The next attempts do nothing and hang until they are cancelled, at their timeout.</summary>
    /// <param name="times">How many attempts of each saga.</param>
    public StepFaults TimesOut(int times = 1) =>
        Plan(
            times,
            "times out",
            async (attempt, _) =>
            {
                await UntilCancelledAsync(attempt);
                throw new OperationCanceledException(attempt.Cancellation);
            }
        );

    /// <summary>
    /// The next attempts do what they should, and answer only after they were cancelled, at their timeout: the effect is there, and its
    /// success comes late.
    /// </summary>
    /// <param name="times">How many attempts of each saga.</param>
    /// <param name="after">How long after the cancellation they answer. Default: at once.</param>
    public StepFaults AnswersLate(int times = 1, TimeSpan after = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(after, TimeSpan.Zero);
        return Plan(
            times,
            "answers after its timeout",
            async (attempt, act) =>
            {
                var acted = await act();
                await UntilCancelledAsync(attempt);
                if (after > TimeSpan.Zero)
                    await Task.Delay(after, _time);
                return acted;
            }
        );
    }

    /// <summary>The next attempts do what they should, and then fail: the effect is there, and nobody is told.</summary>
    /// <param name="times">How many attempts of each saga.</param>
    public StepFaults LosesAnswer(int times = 1) =>
        Plan(
            times,
            "loses its answer",
            async (attempt, act) =>
            {
                await act();
                throw new InjectedFaultException($"The answer of {attempt} was lost by the test.");
            }
        );

    /// <summary>
    /// The process dies at the beginning of the next attempts, before they have done anything, and is started again at once.
    /// </summary>
    /// <param name="times">How many attempts of each saga.</param>
    public StepFaults CrashesBefore(int times = 1) =>
        Plan(
            times,
            "crashes before it acts",
            (attempt, _) =>
            {
                attempt.Life.End(isToBeFollowed: true);
                return Never;
            }
        );

    /// <summary>
    /// The process dies when the next attempts have done what they should, before that is recorded, and is started again at once.
    /// </summary>
    /// <param name="times">How many attempts of each saga.</param>
    public StepFaults CrashesAfter(int times = 1) =>
        Plan(
            times,
            "crashes after it acted",
            async (attempt, act) =>
            {
                await act();
                attempt.Life.End(isToBeFollowed: true);
                return await Never;
            }
        );

    /// <summary>From now on it works: what was asked for and has not come yet is taken back.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _planned.Clear();
            _taken.Clear();
        }
    }

    /// <summary>How narrow its circle is: for one saga, for a type, for all.</summary>
    internal int Narrowness => (_saga is null ? 0 : 2) + (_type is null ? 0 : 1);

    internal bool Concerns(string step, string? type, SagaId? saga, StepDirection direction) =>
        (_step, _type, _saga, _direction) == (step, type, saga, direction);

    /// <summary>The fault of this attempt; null where it is not concerned, or works.</summary>
    internal StepFault? Next(string step, string type, SagaKey saga, StepDirection direction)
    {
        if (_step != step || _direction != direction || (_type is not null && _type != type) || (_saga is { } one && one != saga.Id))
            return null;
        lock (_gate)
        {
            var taken = _taken.GetValueOrDefault(saga);
            if (taken >= _planned.Count)
                return null;
            var planned = _planned[taken];
            planned.HasFired = true;
            _fired++;
            if (!planned.IsForever)
                _taken[saga] = taken + 1;
            return planned.Fault;
        }
    }

    /// <summary>What was asked for and never came.</summary>
    internal IEnumerable<string> NotFired()
    {
        lock (_gate)
            return [.. _planned.Where(planned => !planned.HasFired).Select(planned => $"{this} {planned.What}")];
    }

    /// <inheritdoc />
    public override string ToString() =>
        $"{(_direction == StepDirection.Do ? "step" : "the undo of step")} "
        + $"'{_step}'{(_type is null ? "" : $" of '{_type}'")}{(_saga is { } saga ? $" of saga '{saga}'" : "")}";

    private static StepFault Failing(Exception? with) =>
        (attempt, _) => Task.FromException<Task>(with ?? new InjectedFaultException($"{attempt} fails, says the test."));

    private static async Task UntilCancelledAsync(StepAttempt attempt)
    {
        // It waits for nothing but time, so the clock may go on.
        attempt.TimerSet();
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (attempt.Cancellation.Register(cancelled.SetResult))
            await cancelled.Task;
        attempt.TimerGone();
    }

    private StepFaults Plan(int times, string what, StepFault fault, bool isForever = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        lock (_gate)
        {
            if (_planned is [.., { IsForever: true } last])
                throw new InvalidOperationException($"{this} {last.What}: nothing can come after that. Call {nameof(Clear)} first.");
            for (var i = 0; i < times; i++)
                _planned.Add(new PlannedFault(what, fault, isForever));
        }

        return this;
    }
}
