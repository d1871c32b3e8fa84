using OrleansSagas.Decisions;
using OrleansSagas.History;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Execution;

/// <summary>Makes what people see of a saga from its state.</summary>
internal static class SagaViews
{
    public static SagaView Of(
        SagaPlan plan,
        SagaState state,
        IReadOnlyList<KeyValuePair<string, string>> tags,
        IPayloadCodec codec,
        DateTimeOffset now
    )
    {
        var steps = new StepView[plan.Steps.Length];
        var outstanding = SagaDecider.PendingWork(plan, state);
        for (var i = 0; i < steps.Length; i++)
            steps[i] = StepOf(plan.Steps[i], state.Find(plan.Steps[i].Path), outstanding.Work, now);
        return new SagaView
        {
            Id = state.Key.Id,
            Type = state.Identity.Type,
            Version = state.Identity.Version,
            Status = state.Status,
            Reason = state.Reason,
            Error = state.Error,
            Data = DataOf(state.Data, codec),
            Steps = steps,
            Tags = tags.Count == 0 ? NoTags : new Dictionary<string, string>(tags),
            CorrelationId = state.Identity.CorrelationId,
            Revision = state.Revision,
            StartedAt = state.Identity.StartedAt,
            UpdatedAt = state.UpdatedAt,
            EndedAt = state.Ended is null ? null : state.UpdatedAt,
            Deadline = state.DeadlineAt,
        };
    }

    /// <summary>
    /// A saga as it is stored: where its definition is not here, with the steps that something happened to; where its row says that it is
    /// held, with the cause.
    /// </summary>
    public static SagaView Of(SagaCatalog catalog, SagaState state, SagaRow row, IPayloadCodec codec, DateTimeOffset now)
    {
        var view = Of((catalog.Find(state.Identity.Plan) ?? new AbsentDefinition(state)).Plan, state, row.Tags, codec, now);
        return row is { Status: SagaStatus.Held, Problem: { } problem } && state.Ended is null
            ? view with
            {
                Status = SagaStatus.Held,
                Error = new SagaError("held", problem),
            }
            : view;
    }

    /// <summary>What can be said of a saga whose history cannot be read here.</summary>
    public static SagaView OfUnreadable(StoredSaga saga, string problem) =>
        new()
        {
            Id = saga.Key.Id,
            Type = saga.Identity.Type,
            Version = saga.Identity.Version,
            Status = saga.Row.Status,
            Reason = saga.Row.Reason,
            Error = new SagaError("unreadable", problem),
            Tags = new Dictionary<string, string>(saga.Row.Tags),
            CorrelationId = saga.Identity.CorrelationId,
            Revision = saga.Revision,
            StartedAt = saga.Identity.StartedAt,
            UpdatedAt = saga.UpdatedAt,
            EndedAt = saga.Row.EndedAt,
        };

    public static SagaSummary Of(StoredSummary saga) =>
        new()
        {
            Id = saga.Key.Id,
            Type = saga.Identity.Type,
            Version = saga.Identity.Version,
            Status = saga.Row.Status,
            Reason = saga.Row.Reason,
            CorrelationId = saga.Identity.CorrelationId,
            Tags = saga.Row.Tags.Count == 0 ? NoTags : new Dictionary<string, string>(saga.Row.Tags),
            StartedAt = saga.Identity.StartedAt,
            EndedAt = saga.Row.EndedAt,
        };

    public static SagaHistoryEntry Of(StoredEntry entry, IPayloadCodec codec) =>
        new()
        {
            Revision = entry.Revision,
            Event = entry.Name,
            At = entry.At,
            Actor = entry.Actor,
            CausationId = entry.CausationId,
            Body = new SagaData(entry.Body.IsEmpty ? "{}"u8.ToArray() : entry.Body),
            Data = entry.Data is null ? null : DataOf(entry.Data, codec),
        };

    private static readonly Dictionary<string, string> NoTags = [];

    private static SagaData? DataOf(Payload data, IPayloadCodec codec) =>
        data.ContentType == Payload.Json ? new SagaData(codec.Decode(data)) : null;

    private static StepView StepOf(PlanStep plan, StepState? step, WorkItem? work, DateTimeOffset now)
    {
        var isNext = work is { } next && next.Step == plan;
        var waitsFor = step?.DueAt > now ? step.DueAt : null;
        return new StepView
        {
            Path = plan.Path.Value,
            Status = StatusOf(step, isNext, waitsFor is not null),
            Attempts =
                step is null ? (isNext ? 1 : 0)
                : step.Phase == StepPhase.Open && waitsFor is not null ? step.Attempt - 1
                : step.Attempt,
            UndoAttempts =
                step is null ? 0
                : isNext && work!.Value.Direction == StepDirection.Undo ? work.Value.Attempt - (waitsFor is null ? 0 : 1)
                : step.UndoAttempt,
            Uncertain = step?.Uncertain ?? false,
            HasUndo = plan.HasUndo,
            NextAttemptAt = waitsFor,
            EndedAt = step?.EndedAt,
            Error = step?.Error,
            UndoError = step?.UndoError,
            Note = step?.Note,
        };
    }

    private static StepStatus StatusOf(StepState? step, bool isNext, bool waits) =>
        step?.Phase switch
        {
            null => isNext ? StepStatus.Running : StepStatus.Pending,
            StepPhase.Open => waits ? StepStatus.Retrying : StepStatus.Running,
            StepPhase.Done => isNext ? StepStatus.Undoing : StepStatus.Succeeded,
            StepPhase.NotDone => StepStatus.Rejected,
            StepPhase.Unknown => isNext ? StepStatus.Undoing : StepStatus.Uncertain,
            StepPhase.Undoing => StepStatus.Undoing,
            StepPhase.Undone => StepStatus.Undone,
            StepPhase.UndoFailed => StepStatus.UndoFailed,
            StepPhase.UndoSkipped => StepStatus.UndoSkipped,
            StepPhase.UndoResolved => StepStatus.UndoResolved,
            _ => throw new ArgumentOutOfRangeException(nameof(step), step!.Phase, "This phase is not known."),
        };
}
