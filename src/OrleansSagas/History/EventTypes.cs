using System.Collections.Frozen;
using OrleansSagas.Decisions;
using OrleansSagas.Plans;
using static OrleansSagas.History.StoredNames;

namespace OrleansSagas.History;

/// <summary>
/// All kinds of events, each with its stable name and its stored body. A new kind of event is a row here and a rule in the decider.
/// </summary>
internal static class EventTypes
{
    /// <summary>The name of the entry that ends a saga.</summary>
    public const string EndedName = "ended";

    private static readonly EventBodyContext Json = EventBodyContext.Default;

    public static IReadOnlyList<EventType> All { get; } =
    [
        new EventType<SagaEvent.Started, EventBodies.Started>("started")
        {
            Json = Json.Started,
            Body = static e =>
                new()
                {
                    Type = e.Plan.Type,
                    Version = e.Plan.Version,
                    Fingerprint = e.Plan.Fingerprint,
                    DeadlineAt = Milliseconds(e.DeadlineAt),
                    CorrelationId = e.CorrelationId,
                    ParentId = e.ParentId?.Value,
                    RootId = e.RootId?.Value,
                    Headers = e.Headers.IsEmpty ? null : e.Headers,
                },
            Data = static e => e.Data,
            Event = static (body, entry, saga) =>
                new(
                    saga,
                    new PlanIdentity(body.Type, body.Version, body.Fingerprint),
                    entry.Data ?? throw new FormatException("The data is missing."),
                    Time(body.DeadlineAt),
                    body.CorrelationId,
                    body.ParentId is { } parent ? new SagaId(parent) : null
                )
                {
                    RootId = body.RootId is { } root ? new SagaId(root) : null,
                    Headers = SagaHeaders.Of(body.Headers),
                },
        },
        new EventType<SagaEvent.OwnershipTaken, EventBodies.Owner>("adopted")
        {
            Json = Json.Owner,
            Body = static e => new() { Incarnation = e.Incarnation.Value },
            Event = static (body, _, _) => new(new Incarnation(body.Incarnation)),
        },
        new EventType<SagaEvent.StepSucceeded, EventBodies.Attempt>("step-succeeded")
        {
            Json = Json.Attempt,
            Body = static e => AttemptOf(e.Path, e.Attempt),
            Data = static e => e.Data,
            Event = static (body, entry, _) => new(Path(body.Step), body.Number, entry.Data),
        },
        new EventType<SagaEvent.AttemptFailed, EventBodies.Retry>("attempt-failed")
        {
            Json = Json.Retry,
            Body = static e =>
                new()
                {
                    Step = e.Path.Value,
                    Number = e.Attempt,
                    Undo = e.Direction == StepDirection.Undo ? true : null,
                    ErrorType = e.Error.Type,
                    ErrorMessage = e.Error.Message,
                    RetryAt = e.RetryAt.ToUnixTimeMilliseconds(),
                },
            Event = static (body, _, _) =>
                new(
                    Path(body.Step),
                    body.Undo == true ? StepDirection.Undo : StepDirection.Do,
                    body.Number,
                    Error(body.ErrorType, body.ErrorMessage),
                    DateTimeOffset.FromUnixTimeMilliseconds(body.RetryAt)
                ),
        },
        new EventType<SagaEvent.StepInterrupted, EventBodies.Attempt>("step-interrupted")
        {
            Json = Json.Attempt,
            Body = static e => AttemptOf(e.Path, e.Attempt),
            Event = static (body, _, _) => new(Path(body.Step), body.Number),
        },
        new EventType<SagaEvent.StepFailed, EventBodies.StepGivenUp>("step-given-up")
        {
            Json = Json.StepGivenUp,
            Body = static e =>
                new()
                {
                    Step = e.Path.Value,
                    Number = e.Attempt,
                    ErrorType = e.Error.Type,
                    ErrorMessage = e.Error.Message,
                    Known = Outcomes.NameOf(e.Known),
                },
            Event = static (body, _, _) =>
                new(Path(body.Step), body.Number, Outcomes.ValueOf(body.Known), Error(body.ErrorType, body.ErrorMessage)),
        },
        new EventType<SagaEvent.CompensationStarted, EventBodies.TurnedBack>("turned-back")
        {
            Json = Json.TurnedBack,
            Body = static e =>
                new()
                {
                    ErrorType = e.Error.Type,
                    ErrorMessage = e.Error.Message,
                    Reason = Reasons.NameOf(e.Reason),
                    InFlight = e.InFlight.IsEmpty ? null : [.. e.InFlight.Select(path => path.Value)],
                    LateAnswerDeadline = Milliseconds(e.LateAnswerDeadline),
                },
            Event = static (body, _, _) =>
                new(
                    Reasons.ValueOf(body.Reason),
                    Error(body.ErrorType, body.ErrorMessage),
                    body.InFlight is { } inFlight ? [.. inFlight.Select(Path)] : [],
                    Time(body.LateAnswerDeadline)
                ),
        },
        new EventType<SagaEvent.SucceededLate, EventBodies.Attempt>("step-succeeded-late")
        {
            Json = Json.Attempt,
            Body = static e => AttemptOf(e.Path, e.Attempt),
            Event = static (body, _, _) => new(Path(body.Step), body.Number),
        },
        new EventType<SagaEvent.UndoSucceeded, EventBodies.Attempt>("undo-succeeded")
        {
            Json = Json.Attempt,
            Body = static e => AttemptOf(e.Path, e.Attempt),
            Event = static (body, _, _) => new(Path(body.Step), body.Number),
        },
        new EventType<SagaEvent.UndoFailed, EventBodies.UndoGivenUp>("undo-given-up")
        {
            Json = Json.UndoGivenUp,
            Body = static e =>
                new()
                {
                    Step = e.Path.Value,
                    Number = e.Attempt,
                    ErrorType = e.Error.Type,
                    ErrorMessage = e.Error.Message,
                },
            Event = static (body, _, _) => new(Path(body.Step), body.Number, Error(body.ErrorType, body.ErrorMessage)),
        },
        new EventType<SagaEvent.UndoRetried, EventBodies.StepNote>("undo-retried")
        {
            Json = Json.StepNote,
            Body = static e => new() { Step = e.Path.Value, Note = e.Note },
            Event = static (body, _, _) => new(Path(body.Step), body.Note),
        },
        new EventType<SagaEvent.UndoSkipped, EventBodies.StepNote>("undo-skipped")
        {
            Json = Json.StepNote,
            Body = static e => new() { Step = e.Path.Value, Note = e.Note },
            Event = static (body, _, _) => new(Path(body.Step), body.Note),
        },
        new EventType<SagaEvent.UndoResolved, EventBodies.StepNote>("undo-resolved")
        {
            Json = Json.StepNote,
            Body = static e => new() { Step = e.Path.Value, Note = e.Note },
            Event = static (body, _, _) => new(Path(body.Step), body.Note),
        },
        new EventType<SagaEvent.Paused, EventBodies.SagaNote>("paused")
        {
            Json = Json.SagaNote,
            Body = static e => new() { Note = e.Note },
            Event = static (body, _, _) => new(body.Note),
        },
        new EventType<SagaEvent.Resumed, EventBodies.SagaNote>("resumed")
        {
            Json = Json.SagaNote,
            Body = static e => new() { Note = e.Note },
            Event = static (body, _, _) => new(body.Note),
        },
        new EventType<SagaEvent.Ended, EventBodies.Ended>(EndedName)
        {
            Json = Json.Ended,
            Body = static e => new() { Note = e.Note, Status = Ends.NameOf(e.Status) },
            Event = static (body, _, _) => new(Ends.ValueOf(body.Status), body.Note),
        },
    ];

    private static readonly FrozenDictionary<Type, EventType> ByType = All.ToFrozenDictionary(type => type.ClrType);
    private static readonly FrozenDictionary<string, EventType> ByName = All.ToFrozenDictionary(type => type.Name, StringComparer.Ordinal);

    public static EventType Of(SagaEvent what) =>
        ByType.GetValueOrDefault(what.GetType())
        ?? throw new ArgumentOutOfRangeException(nameof(what), what.GetType().Name, "This event has no stored form: add it to the table.");

    /// <summary>The kind of event that is stored under a name; null where it is not known here.</summary>
    public static EventType? Find(string name) => ByName.GetValueOrDefault(name);

    private static EventBodies.Attempt AttemptOf(StepPath path, int attempt) => new() { Step = path.Value, Number = attempt };

    private static StepPath Path(string path) => StepPath.Parse(path);

    private static SagaError Error(string type, string? message) => new(type, message ?? "");

    private static long? Milliseconds(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds();

    private static DateTimeOffset? Time(long? milliseconds) =>
        milliseconds is { } time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null;
}
