using System.Diagnostics;
using OrleansSagas.Decisions;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Telemetry;

/// <summary>The spans: one for each attempt of a step or an undo, and one for each commit.</summary>
/// <remarks>
/// A saga may last for days, and a span must not. So each attempt is the root of a trace of its own, with a link to the request that
/// started the saga. Only ids and names are told: no data, and no text of an exception.
/// </remarks>
internal static class SagaActivities
{
    private static readonly ActivitySource Source = new(SagaInstruments.Name);

    /// <summary>Begins the span of an attempt; null where nobody listens.</summary>
    /// <param name="saga">The saga.</param>
    /// <param name="type">Its type.</param>
    /// <param name="work">The attempt.</param>
    /// <param name="start">The trace parent of the saga's start; null for none.</param>
    public static Activity? BeginAttempt(SagaKey saga, string type, WorkItem work, string? start)
    {
        if (!Source.HasListeners())
            return null;
        var verb = work.Direction == StepDirection.Do ? "do" : "undo";
        return Begin(
            $"{verb} {work.Step.Path}",
            default,
            start,
            [
                new(SagaInstruments.TypeTag, type),
                new("saga.id", saga.Id.Value),
                new(SagaInstruments.StepTag, work.Step.Path.Value),
                new("saga.direction", verb),
                new("saga.attempt", work.Attempt),
            ]
        );
    }

    /// <summary>Says how an attempt ended.</summary>
    public static void End(Activity? attempt, string outcome, Exception? exception)
    {
        if (attempt is null)
            return;
        attempt.SetTag(SagaInstruments.OutcomeTag, outcome);
        if (exception is not null)
            attempt.SetTag("error.type", exception.GetType().FullName).SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>
    /// Begins the span of a commit; null where nobody listens. It is part of the request that waits for it, where one does, and else the
    /// root of a trace.
    /// </summary>
    /// <param name="commit">What is to be written.</param>
    /// <param name="type">The saga's type.</param>
    /// <param name="request">The trace parent of the request that waits for it; null for none.</param>
    /// <param name="start">The trace parent of the saga's start; null for none.</param>
    public static Activity? BeginCommit(SagaCommit commit, string type, string? request, string? start)
    {
        if (!Source.HasListeners())
            return null;
        _ = ActivityContext.TryParse(request, null, isRemote: true, out var parent);
        return Begin(
            "commit",
            parent,
            start == request ? null : start,
            [
                new(SagaInstruments.TypeTag, type),
                new("saga.id", commit.Saga.Id.Value),
                new("saga.revision", commit.ExpectedRevision + commit.Entries.Count),
            ]
        );
    }

    /// <summary>Says what became of a commit.</summary>
    public static void End(Activity? commit, CommitOutcome outcome)
    {
        if (commit is null)
            return;
        commit.SetTag(SagaInstruments.OutcomeTag, CommitInstruments.Text(outcome));
        if (outcome is CommitOutcome.NotCommitted or CommitOutcome.Unknown)
            commit.SetStatus(ActivityStatusCode.Error);
    }

    private static Activity? Begin(string name, ActivityContext parent, string? link, KeyValuePair<string, object?>[] tags) =>
        Source.StartActivity(
            ActivityKind.Internal,
            parent,
            tags,
            ActivityContext.TryParse(link, null, isRemote: true, out var linked) ? [new ActivityLink(linked)] : null,
            name: name
        );
}
