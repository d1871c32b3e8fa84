using System.Diagnostics;
using System.Diagnostics.Metrics;
using OrleansSagas.Plans;

namespace OrleansSagas.Telemetry;

/// <summary>What an engine counts and traces. No saga id is ever a tag of a metric.</summary>
internal sealed class SagaInstruments : IDisposable
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "OrleansSagas";

    private static readonly ActivitySource Source = new(Name);

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _started;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _late;
    private readonly Counter<long> _stuck;
    private readonly Counter<long> _held;
    private readonly Counter<long> _uncommitted;

    public SagaInstruments()
    {
        _started = _meter.CreateCounter<long>("orleanssagas.sagas.started", "{saga}", "Sagas started.");
        _ended = _meter.CreateCounter<long>("orleanssagas.sagas.ended", "{saga}", "Sagas that ended, by status.");
        _attempts = _meter.CreateCounter<long>(
            "orleanssagas.step.attempts",
            "{attempt}",
            "Attempts of steps and undos that ended, by outcome."
        );
        _late = _meter.CreateCounter<long>("orleanssagas.step.late_answers", "{answer}", "Answers that came too late to matter.");
        _stuck = _meter.CreateCounter<long>("orleanssagas.sagas.stuck", "{saga}", "Times that a saga became stuck.");
        _held = _meter.CreateCounter<long>(
            "orleanssagas.sagas.held",
            "{saga}",
            "Times that a saga was held, by cause: its definition is nowhere, or its history cannot be read."
        );
        _uncommitted = _meter.CreateCounter<long>(
            "orleanssagas.commits.failed",
            "{commit}",
            "Commits that the store did not make, by outcome."
        );
    }

    public void Started(string type) => _started.Add(1, new KeyValuePair<string, object?>("saga.type", type));

    public void Ended(string type, SagaStatus status)
    {
        if (_ended.Enabled)
            _ended.Add(1, new("saga.type", type), new("saga.status", status.ToString()));
    }

    public void AttemptEnded(string type, PlanStep step, StepDirection direction, string outcome)
    {
        if (_attempts.Enabled)
            _attempts.Add(
                1,
                new("saga.type", type),
                new("saga.step", step.Path.Value),
                new("saga.direction", direction == StepDirection.Do ? "do" : "undo"),
                new("outcome", outcome)
            );
    }

    public void Late(string type) => _late.Add(1, new KeyValuePair<string, object?>("saga.type", type));

    public void Stuck(string type) => _stuck.Add(1, new KeyValuePair<string, object?>("saga.type", type));

    public void Held(string type, bool isUnreadable)
    {
        if (_held.Enabled)
            _held.Add(1, new("saga.type", type), new("cause", isUnreadable ? "history" : "definition"));
    }

    public void Uncommitted(string outcome) => _uncommitted.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Begins the span of one attempt; null when nobody listens.</summary>
    public static Activity? Begin(string type, SagaKey saga, PlanStep step, StepDirection direction, int attempt, string? traceParent)
    {
        if (!Source.HasListeners())
            return null;
        _ = ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent);
        var activity = Source.StartActivity(
            $"{(direction == StepDirection.Do ? "do" : "undo")} {step.Path}",
            ActivityKind.Internal,
            parent
        );
        return activity
            ?.SetTag("saga.type", type)
            .SetTag("saga.id", saga.Id.Value)
            .SetTag("saga.step", step.Path.Value)
            .SetTag("saga.attempt", attempt);
    }

    public void Dispose() => _meter.Dispose();
}
