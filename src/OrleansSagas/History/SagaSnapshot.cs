using System.Text.Json;
using OrleansSagas.Decisions;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.History;

/// <summary>
/// A cache of a long saga's state: <c>load = snapshot + entries after it</c>. One that cannot be used is as good as none: the history is
/// the truth.
/// </summary>
internal static class SagaSnapshot
{
    /// <summary>How many entries a saga writes between two snapshots at least.</summary>
    public const int Every = 64;

    /// <summary>Raised whenever a state means something else than before, so that older snapshots are left aside.</summary>
    private const int Format = 2;

    private const int Page = 1_000;

    /// <summary>Folds a saga as it was loaded, from its snapshot where that can be used.</summary>
    /// <exception cref="UnreadableHistoryException">An entry cannot be read.</exception>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public static async ValueTask<SagaState> FoldAsync(ISagaStore store, StoredSaga saga, CancellationToken cancellation)
    {
        if (saga.Row.SnapshotRevision == 0)
            return SagaEventFormat.Fold(saga.Key, null, saga.Entries);
        if (TryRead(saga) is { } state)
            return SagaEventFormat.Fold(saga.Key, state, saga.Entries);

        SagaState? folded = null;
        while (await store.ReadHistoryAsync(saga.Key, folded?.Revision ?? 0, Page, cancellation) is { Count: > 0 } entries)
            folded = SagaEventFormat.Fold(saga.Key, folded, entries);
        return folded ?? throw new UnreadableHistoryException(saga.Key, 0, "it is empty");
    }

    public static byte[] Write(SagaState state) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new SnapshotBody
            {
                Format = Format,
                Revision = state.Revision,
                Type = state.Identity.Type,
                Version = state.Identity.Version,
                Fingerprint = state.Identity.Fingerprint,
                StartedAt = state.Identity.StartedAt,
                CorrelationId = state.Identity.CorrelationId,
                ParentId = state.Identity.ParentId?.Value,
                RootId = state.Identity.RootId?.Value,
                Headers = state.Headers.IsEmpty ? null : state.Headers,
                Data = state.Data.Bytes.ToArray(),
                DataType = state.Data.ContentType,
                DataCodec = state.Data.Codec,
                DataKeyId = state.Data.KeyId,
                UpdatedAt = state.UpdatedAt,
                DeadlineAt = state.DeadlineAt,
                Direction = StoredNames.Directions.NameOf(state.Direction),
                Reason = state.Reason is { } reason ? StoredNames.Reasons.NameOf(reason) : null,
                ErrorType = state.Error?.Type,
                ErrorMessage = state.Error?.Message,
                LateAnswerDeadline = state.LateAnswerDeadline,
                IsPaused = state.IsPaused,
                IsQuiescent = state.IsQuiescent,
                Steps = [.. state.Steps.Select(StepOf)],
            },
            SnapshotContext.Default.SnapshotBody
        );

    private static SagaState? TryRead(StoredSaga saga)
    {
        try
        {
            var body = JsonSerializer.Deserialize(saga.Row.Snapshot.GetValueOrDefault().Span, SnapshotContext.Default.SnapshotBody);
            return body is { Format: Format } && body.Revision == saga.Row.SnapshotRevision ? StateOf(saga.Key, body) : null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or ArgumentException)
        {
            // Written by another version, or damaged: the history has all that it said.
            return null;
        }
    }

    private static SagaState StateOf(SagaKey key, SnapshotBody body) =>
        new()
        {
            Key = key,
            Identity = new SagaIdentity
            {
                Type = body.Type,
                Version = body.Version,
                Fingerprint = body.Fingerprint,
                StartedAt = body.StartedAt,
                CorrelationId = body.CorrelationId,
                ParentId = body.ParentId is { } parent ? new SagaId(parent) : null,
                RootId = body.RootId is { } root ? new SagaId(root) : null,
            },
            Revision = body.Revision,
            Data = new Payload(body.Data, body.DataType, body.DataCodec, body.DataKeyId),
            UpdatedAt = body.UpdatedAt,
            DeadlineAt = body.DeadlineAt,
            Headers = SagaHeaders.Of(body.Headers),
            Direction = StoredNames.Directions.ValueOf(body.Direction),
            Reason = body.Reason is { } reason ? StoredNames.Reasons.ValueOf(reason) : null,
            Error = ErrorOf(body.ErrorType, body.ErrorMessage),
            LateAnswerDeadline = body.LateAnswerDeadline,
            IsPaused = body.IsPaused,
            IsQuiescent = body.IsQuiescent,
            Steps = [.. body.Steps.Select(StepOf)],
        };

    private static SnapshotStep StepOf(StepState step) =>
        new()
        {
            Path = step.Path.Value,
            Phase = StoredNames.Phases.NameOf(step.Phase),
            Run = step.Run,
            Attempt = step.Attempt,
            DueAt = step.DueAt,
            Uncertain = step.Uncertain,
            ErrorType = step.Error?.Type,
            ErrorMessage = step.Error?.Message,
            EndedAt = step.EndedAt,
            UndoRun = step.UndoRun,
            UndoAttempt = step.UndoAttempt,
            UndoAttemptsReset = step.UndoAttemptsReset,
            UndoAgain = step.UndoAgain,
            UndoErrorType = step.UndoError?.Type,
            UndoErrorMessage = step.UndoError?.Message,
            Note = step.Note,
        };

    private static StepState StepOf(SnapshotStep step) =>
        new()
        {
            Path = StepPath.Parse(step.Path),
            Phase = StoredNames.Phases.ValueOf(step.Phase),
            Run = step.Run,
            Attempt = step.Attempt,
            DueAt = step.DueAt,
            Uncertain = step.Uncertain,
            Error = ErrorOf(step.ErrorType, step.ErrorMessage),
            EndedAt = step.EndedAt,
            UndoRun = step.UndoRun,
            UndoAttempt = step.UndoAttempt,
            UndoAttemptsReset = step.UndoAttemptsReset,
            UndoAgain = step.UndoAgain,
            UndoError = ErrorOf(step.UndoErrorType, step.UndoErrorMessage),
            Note = step.Note,
        };

    private static SagaError? ErrorOf(string? type, string? message) => type is null ? null : new SagaError(type, message ?? "");
}
