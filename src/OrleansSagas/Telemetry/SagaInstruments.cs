using System.Diagnostics.Metrics;
using OrleansSagas.Decisions;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Telemetry;

/// <summary>What an engine counts and measures of its sagas. docs/observability.md lists it.</summary>
/// <remarks>
/// No saga id is ever a tag of a metric.
/// What happened to a saga is counted after the commit that made it durable, by the process that made it. A process that loads the saga
/// again counts nothing of it.
/// </remarks>
internal sealed class SagaInstruments
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "OrleansSagas";

    public const string TypeTag = "saga.type";
    public const string StepTag = "saga.step";
    public const string StatusTag = "saga.status";
    public const string OutcomeTag = "outcome";

    private const string SagaUnit = "{saga}";

    private static readonly InstrumentAdvice<double> Attempts = new()
    {
        HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    };

    private static readonly InstrumentAdvice<double> Lives = new()
    {
        HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400, 604_800],
    };

    private static readonly InstrumentAdvice<double> Lags = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600],
    };

    private readonly Counter<long> _started;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _turnedBack;
    private readonly Counter<long> _holds;
    private readonly Counter<long> _stepsFailed;
    private readonly Counter<long> _stepRetries;
    private readonly Counter<long> _lateAnswers;
    private readonly Counter<long> _undone;
    private readonly Counter<long> _undosFailed;
    private readonly Counter<long> _undoRetries;
    private readonly Histogram<double> _sagaDuration;
    private readonly Histogram<double> _stepDuration;
    private readonly Histogram<double> _undoDuration;
    private readonly Histogram<double> _wakeUpLag;

    public SagaInstruments(IMeterFactory meters, SagaRuntime runtime)
    {
        var meter = meters.Create(Name);
        _started = meter.CreateCounter<long>("orleanssagas.saga.started", SagaUnit, "Sagas that were started.");
        _ended = meter.CreateCounter<long>("orleanssagas.saga.ended", SagaUnit, "Sagas that ended.");
        _turnedBack = meter.CreateCounter<long>(
            "orleanssagas.saga.turned_back",
            SagaUnit,
            "Sagas that stopped going forward, so that what they had done is undone."
        );
        _holds = meter.CreateCounter<long>(
            "orleanssagas.saga.holds",
            SagaUnit,
            "Times that a saga was held, because its definition is nowhere or its history cannot be read."
        );
        _stepsFailed = meter.CreateCounter<long>("orleanssagas.step.failed", "{step}", "Steps that were given up.");
        _stepRetries = meter.CreateCounter<long>(
            "orleanssagas.step.retries",
            "{attempt}",
            "Attempts of steps that failed, timed out or were lost, and are made again."
        );
        _lateAnswers = meter.CreateCounter<long>(
            "orleanssagas.step.late_answers",
            "{answer}",
            "Answers of steps and undos that came too late."
        );
        _undone = meter.CreateCounter<long>("orleanssagas.undo.succeeded", "{undo}", "Undos that succeeded.");
        _undosFailed = meter.CreateCounter<long>("orleanssagas.undo.failed", "{undo}", "Undos that were given up: their sagas are stuck.");
        _undoRetries = meter.CreateCounter<long>(
            "orleanssagas.undo.retries",
            "{attempt}",
            "Attempts of undos that failed, timed out or were lost, and are made again."
        );
        _sagaDuration = meter.CreateHistogram("orleanssagas.saga.duration", "s", "From the start of a saga to its end.", null, Lives);
        _stepDuration = meter.CreateHistogram("orleanssagas.step.duration", "s", "How long one attempt of a step ran.", null, Attempts);
        _undoDuration = meter.CreateHistogram("orleanssagas.undo.duration", "s", "How long one attempt of an undo ran.", null, Attempts);
        _wakeUpLag = meter.CreateHistogram(
            "orleanssagas.wakeup.lag",
            "s",
            "From the time that a saga was to be woken at to when it went on.",
            null,
            Lags
        );
        _ = meter.CreateObservableUpDownCounter(
            "orleanssagas.saga.active",
            ObserveActive,
            SagaUnit,
            "Sagas in the memory of this process."
        );
        Stored = new StoredSagaGauges(meter, runtime.Clock);
    }

    /// <summary>The gauges of what is stored.</summary>
    public StoredSagaGauges Stored { get; }

    /// <summary>Says how many sagas are in memory; null before there is an engine.</summary>
    public Func<int>? ActiveSagas { get; set; }

    /// <summary>Counts one thing that happened to a saga, and is durable.</summary>
    /// <param name="saga">What was said of the saga once.</param>
    /// <param name="what">What happened.</param>
    /// <param name="at">When.</param>
    public void Happened(SagaIdentity saga, SagaEvent what, DateTimeOffset at)
    {
        var type = Type(saga.Type);
        switch (what)
        {
            case SagaEvent.Started:
                _started.Add(1, type);
                break;
            case SagaEvent.AttemptFailed failed:
                (failed.Direction == StepDirection.Do ? _stepRetries : _undoRetries).Add(1, type, Step(failed.Path));
                break;
            case SagaEvent.StepFailed failed:
                _stepsFailed.Add(1, type, Step(failed.Path));
                break;
            case SagaEvent.CompensationStarted { Reason: var reason }:
                _turnedBack.Add(1, type, new("saga.reason", Text(reason)));
                break;
            case SagaEvent.SucceededLate:
                Late(saga.Type, LateAnswer.Undone);
                break;
            case SagaEvent.UndoSucceeded undone:
                _undone.Add(1, type, Step(undone.Path));
                break;
            case SagaEvent.UndoFailed failed:
                _undosFailed.Add(1, type, Step(failed.Path));
                break;
            case SagaEvent.Ended { Status: var status }:
                var how = new KeyValuePair<string, object?>(StatusTag, Text(status));
                _ended.Add(1, type, how);
                _sagaDuration.Record((at - saga.StartedAt).TotalSeconds, type, how);
                break;
        }
    }

    /// <summary>Counts an answer that came too late.</summary>
    public void Late(string type, LateAnswer answer) => _lateAnswers.Add(1, Type(type), new(OutcomeTag, Text(answer)));

    /// <summary>Counts that a saga was held.</summary>
    public void Held(string type, bool isUnreadable) => _holds.Add(1, Type(type), new("cause", isUnreadable ? "history" : "definition"));

    /// <summary>Whether anyone wants to know how long attempts run.</summary>
    public bool MeasuresAttempts => _stepDuration.Enabled || _undoDuration.Enabled;

    /// <summary>Measures an attempt that has returned, whatever becomes of its answer.</summary>
    public void Ran(string type, WorkItem work, string outcome, TimeSpan duration) =>
        (work.Direction == StepDirection.Do ? _stepDuration : _undoDuration).Record(
            duration.TotalSeconds,
            Type(type),
            Step(work.Step.Path),
            new(OutcomeTag, outcome)
        );

    /// <summary>Measures that a saga went on, and how long after it was to.</summary>
    public void Woke(string type, TimeSpan lag) => _wakeUpLag.Record(lag.TotalSeconds, Type(type));

    private IEnumerable<Measurement<long>> ObserveActive() => ActiveSagas is { } active ? [new(active())] : [];

    private static KeyValuePair<string, object?> Type(string type) => new(TypeTag, type);

    private static KeyValuePair<string, object?> Step(StepPath path) => new(StepTag, path.Value);

    private static string Text(SagaStatus status) =>
        status switch
        {
            SagaStatus.Completed => nameof(SagaStatus.Completed),
            SagaStatus.Compensated => nameof(SagaStatus.Compensated),
            SagaStatus.Failed => nameof(SagaStatus.Failed),
            SagaStatus.Cancelled => nameof(SagaStatus.Cancelled),
            SagaStatus.Terminated => nameof(SagaStatus.Terminated),
            _ => status.ToString(),
        };

    private static string Text(SagaEndReason reason) =>
        reason switch
        {
            SagaEndReason.Failed => nameof(SagaEndReason.Failed),
            SagaEndReason.Cancelled => nameof(SagaEndReason.Cancelled),
            SagaEndReason.Deadline => nameof(SagaEndReason.Deadline),
            _ => reason.ToString(),
        };

    private static string Text(LateAnswer answer) =>
        answer switch
        {
            LateAnswer.Undone => "undone",
            LateAnswer.Stands => "stands",
            _ => "dropped",
        };
}
