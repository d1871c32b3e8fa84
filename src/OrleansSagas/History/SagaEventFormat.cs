using System.Collections.Concurrent;
using System.Text.Json;
using OrleansSagas.Decisions;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.History;

/// <summary>
/// The stored form of what happened: short stable names, each with a format version. An unknown entry is refused, never skipped.
/// </summary>
internal static class SagaEventFormat
{
    private const int Format = 1;
    private const int MaxCommonBodies = 10_000;

    private static readonly ConcurrentDictionary<(string, int), byte[]> CommonBodies = new();

    /// <summary>The name of the entry that ends a saga.</summary>
    internal const string EndedName = "ended";

    /// <summary>The name under which <paramref name="what"/> is stored.</summary>
    public static string NameOf(SagaEvent what) =>
        what switch
        {
            SagaEvent.Started => "started",
            SagaEvent.OwnershipTaken => "adopted",
            SagaEvent.StepSucceeded => "step-succeeded",
            SagaEvent.AttemptFailed => "attempt-failed",
            SagaEvent.StepInterrupted => "step-interrupted",
            SagaEvent.StepFailed => "step-given-up",
            SagaEvent.CompensationStarted => "turned-back",
            SagaEvent.SucceededLate => "step-succeeded-late",
            SagaEvent.UndoSucceeded => "undo-succeeded",
            SagaEvent.UndoFailed => "undo-given-up",
            SagaEvent.UndoRetried => "undo-retried",
            SagaEvent.UndoSkipped => "undo-skipped",
            SagaEvent.UndoResolved => "undo-resolved",
            SagaEvent.Paused => "paused",
            SagaEvent.Resumed => "resumed",
            SagaEvent.Ended => EndedName,
            _ => throw new ArgumentOutOfRangeException(nameof(what), what.GetType().Name, "This event has no stored form."),
        };

    /// <summary>Makes the stored entry.</summary>
    public static StoredEntry Write(
        SagaEvent what,
        long revision,
        DateTimeOffset at,
        CommitId commit,
        string? actor,
        string? causationId,
        string? traceParent
    ) =>
        new()
        {
            Revision = revision,
            Name = NameOf(what),
            Format = Format,
            At = at,
            Commit = commit,
            Actor = actor,
            CausationId = causationId,
            TraceParent = traceParent,
            Body = what is SagaEvent.StepSucceeded or SagaEvent.UndoSucceeded or SagaEvent.Ended { Note: null }
                ? CommonBodyOf(what)
                : MakeBody(what),
            Data = what switch
            {
                SagaEvent.Started started => started.Data,
                SagaEvent.StepSucceeded succeeded => succeeded.Data,
                _ => null,
            },
        };

    /// <summary>Reads a stored entry.</summary>
    /// <exception cref="UnreadableHistoryException">Its name or format is not known here, or its body is damaged.</exception>
    public static SagaEvent Read(SagaKey saga, StoredEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Format != Format)
            throw new UnreadableHistoryException(
                saga,
                entry.Revision,
                $"'{entry.Name}' has format {entry.Format}, which is not known here"
            );
        try
        {
            var body = entry.Body.IsEmpty
                ? new EventBody()
                : JsonSerializer.Deserialize(entry.Body.Span, EventBodyContext.Default.EventBody)
                    ?? throw new FormatException("The body is null.");
            return EventOf(saga, entry, body)
                ?? throw new UnreadableHistoryException(saga, entry.Revision, $"'{entry.Name}' is not known here");
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            throw new UnreadableHistoryException(saga, entry.Revision, $"the body of '{entry.Name}' is damaged or newer", exception);
        }
    }

    /// <summary>Folds a stored history.</summary>
    /// <exception cref="UnreadableHistoryException">
    /// An entry cannot be read, is missing, or does not follow from those before it.
    /// </exception>
    public static SagaState Fold(SagaKey saga, SagaState? from, IReadOnlyList<StoredEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var state = from;
        foreach (var entry in entries)
        {
            var expected = (state?.Revision ?? 0) + 1;
            var what = Read(saga, entry);
            if (entry.Revision != expected || what is SagaEvent.Started != (expected == 1))
                throw new UnreadableHistoryException(saga, entry.Revision, $"entry {expected} is missing or out of place");
            state = SagaDecider.Evolve(state, what, entry.At);
        }

        return state ?? throw new UnreadableHistoryException(saga, 0, "it is empty");
    }

    /// <summary>The bodies of what happens in every saga are a few, over and over: they are made once.</summary>
    private static byte[] CommonBodyOf(SagaEvent what)
    {
        var key = what switch
        {
            SagaEvent.StepSucceeded done => (done.Path.Value, done.Attempt),
            SagaEvent.UndoSucceeded undone => (undone.Path.Value, undone.Attempt),
            _ => ("", (int)((SagaEvent.Ended)what).Status),
        };
        if (CommonBodies.TryGetValue(key, out var body))
            return body;
        body = MakeBody(what);
        if (CommonBodies.Count < MaxCommonBodies)
            CommonBodies.TryAdd(key, body);
        return body;
    }

    private static byte[] MakeBody(SagaEvent what) => JsonSerializer.SerializeToUtf8Bytes(BodyOf(what), EventBodyContext.Default.EventBody);

    private static EventBody BodyOf(SagaEvent what) =>
        what switch
        {
            SagaEvent.Started e => new()
            {
                Type = e.Plan.Type,
                Version = e.Plan.Version,
                Fingerprint = e.Plan.Fingerprint,
                DeadlineAt = e.DeadlineAt?.ToUnixTimeMilliseconds(),
                CorrelationId = e.CorrelationId,
                ParentId = e.ParentId?.Value,
                RootId = e.RootId?.Value,
                Headers = e.Headers.IsEmpty ? null : e.Headers,
            },
            SagaEvent.OwnershipTaken e => new() { Incarnation = e.Incarnation.Value },
            SagaEvent.StepSucceeded e => new() { Step = e.Path.Value, Attempt = e.Attempt },
            SagaEvent.AttemptFailed e => new()
            {
                Step = e.Path.Value,
                Attempt = e.Attempt,
                Undo = e.Direction == StepDirection.Undo ? true : null,
                ErrorType = e.Error.Type,
                ErrorMessage = e.Error.Message,
                RetryAt = e.RetryAt.ToUnixTimeMilliseconds(),
            },
            SagaEvent.StepInterrupted e => new() { Step = e.Path.Value, Attempt = e.Attempt },
            SagaEvent.StepFailed e => new()
            {
                Step = e.Path.Value,
                Attempt = e.Attempt,
                Known = e.Known switch
                {
                    StepPhase.Done => "done",
                    StepPhase.NotDone => "not-done",
                    _ => "uncertain",
                },
                ErrorType = e.Error.Type,
                ErrorMessage = e.Error.Message,
            },
            SagaEvent.CompensationStarted e => new()
            {
                Reason = e.Reason switch
                {
                    SagaEndReason.Cancelled => "cancelled",
                    SagaEndReason.Deadline => "deadline",
                    _ => "failed",
                },
                ErrorType = e.Error.Type,
                ErrorMessage = e.Error.Message,
                InFlight = e.InFlight.IsEmpty ? null : [.. e.InFlight.Select(path => path.Value)],
                LateAnswerDeadline = e.LateAnswerDeadline?.ToUnixTimeMilliseconds(),
            },
            SagaEvent.SucceededLate e => new() { Step = e.Path.Value, Attempt = e.Attempt },
            SagaEvent.UndoSucceeded e => new() { Step = e.Path.Value, Attempt = e.Attempt },
            SagaEvent.UndoFailed e => new()
            {
                Step = e.Path.Value,
                Attempt = e.Attempt,
                ErrorType = e.Error.Type,
                ErrorMessage = e.Error.Message,
            },
            SagaEvent.UndoRetried e => new() { Step = e.Path.Value, Note = e.Note },
            SagaEvent.UndoSkipped e => new() { Step = e.Path.Value, Note = e.Note },
            SagaEvent.UndoResolved e => new() { Step = e.Path.Value, Note = e.Note },
            SagaEvent.Paused e => new() { Note = e.Note },
            SagaEvent.Resumed e => new() { Note = e.Note },
            SagaEvent.Ended e => new() { Status = StatusName(e.Status), Note = e.Note },
            _ => throw new ArgumentOutOfRangeException(nameof(what), what.GetType().Name, "This event has no stored form."),
        };

    private static SagaEvent? EventOf(SagaKey saga, StoredEntry entry, EventBody body) =>
        entry.Name switch
        {
            "started" => new SagaEvent.Started(
                saga,
                new PlanIdentity(Need(body.Type), Need(body.Version), Need(body.Fingerprint)),
                entry.Data ?? throw new FormatException("The data is missing."),
                Time(body.DeadlineAt),
                body.CorrelationId,
                body.ParentId is { } parent ? new SagaId(parent) : null
            )
            {
                RootId = body.RootId is { } root ? new SagaId(root) : null,
                Headers = SagaHeaders.Of(body.Headers),
            },
            "adopted" => new SagaEvent.OwnershipTaken(new Incarnation(Need(body.Incarnation))),
            "step-succeeded" => new SagaEvent.StepSucceeded(Path(body), Need(body.Attempt), entry.Data),
            "attempt-failed" => new SagaEvent.AttemptFailed(
                Path(body),
                body.Undo == true ? StepDirection.Undo : StepDirection.Do,
                Need(body.Attempt),
                Error(body),
                DateTimeOffset.FromUnixTimeMilliseconds(Need(body.RetryAt))
            ),
            "step-interrupted" => new SagaEvent.StepInterrupted(Path(body), Need(body.Attempt)),
            "step-given-up" => new SagaEvent.StepFailed(Path(body), Need(body.Attempt), KnownOf(Need(body.Known)), Error(body)),
            "turned-back" => new SagaEvent.CompensationStarted(
                ReasonOf(Need(body.Reason)),
                Error(body),
                body.InFlight is { } inFlight ? [.. inFlight.Select(StepPath.Parse)] : [],
                Time(body.LateAnswerDeadline)
            ),
            "step-succeeded-late" => new SagaEvent.SucceededLate(Path(body), Need(body.Attempt)),
            "undo-succeeded" => new SagaEvent.UndoSucceeded(Path(body), Need(body.Attempt)),
            "undo-given-up" => new SagaEvent.UndoFailed(Path(body), Need(body.Attempt), Error(body)),
            "undo-retried" => new SagaEvent.UndoRetried(Path(body), body.Note),
            "undo-skipped" => new SagaEvent.UndoSkipped(Path(body), body.Note),
            "undo-resolved" => new SagaEvent.UndoResolved(Path(body), body.Note),
            "paused" => new SagaEvent.Paused(body.Note),
            "resumed" => new SagaEvent.Resumed(body.Note),
            EndedName => new SagaEvent.Ended(StatusOf(Need(body.Status)), body.Note),
            _ => null,
        };

    private static StepPath Path(EventBody body) => StepPath.Parse(Need(body.Step));

    private static SagaError Error(EventBody body) => new(Need(body.ErrorType), body.ErrorMessage ?? "");

    private static DateTimeOffset? Time(long? milliseconds) =>
        milliseconds is { } time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null;

    private static T Need<T>(T? value)
        where T : class => value ?? throw new FormatException("A member is missing.");

    private static T Need<T>(T? value)
        where T : struct => value ?? throw new FormatException("A member is missing.");

    private static StepPhase KnownOf(string known) =>
        known switch
        {
            "done" => StepPhase.Done,
            "not-done" => StepPhase.NotDone,
            "uncertain" => StepPhase.Unknown,
            _ => throw new FormatException($"'{known}' is not known here."),
        };

    private static SagaEndReason ReasonOf(string reason) =>
        reason switch
        {
            "failed" => SagaEndReason.Failed,
            "cancelled" => SagaEndReason.Cancelled,
            "deadline" => SagaEndReason.Deadline,
            _ => throw new FormatException($"'{reason}' is not known here."),
        };

    private static string StatusName(SagaStatus status) =>
        status switch
        {
            SagaStatus.Completed => "completed",
            SagaStatus.Compensated => "compensated",
            SagaStatus.Failed => "failed",
            SagaStatus.Cancelled => "cancelled",
            SagaStatus.Terminated => "terminated",
            _ => throw new ArgumentOutOfRangeException(nameof(status), status, "This status is not terminal."),
        };

    private static SagaStatus StatusOf(string status) =>
        status switch
        {
            "completed" => SagaStatus.Completed,
            "compensated" => SagaStatus.Compensated,
            "failed" => SagaStatus.Failed,
            "cancelled" => SagaStatus.Cancelled,
            "terminated" => SagaStatus.Terminated,
            _ => throw new FormatException($"'{status}' is not known here."),
        };
}
