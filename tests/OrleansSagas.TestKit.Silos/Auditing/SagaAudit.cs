using System.Text.Json;
using OrleansSagas.TestKit.Silos.Loading;

namespace OrleansSagas.TestKit.Silos.Auditing;

/// <summary>What must hold of one saga when everything is over. Pure: a record in, what is wrong with it out.</summary>
internal static class SagaAudit
{
    public static IEnumerable<string> Problems(SagaRecord saga) =>
        [
            .. HistoryAudit.Problems(saga.View, saga.History),
            .. ListProblems(saga),
            .. EndProblems(saga),
            .. BookProblems(saga),
            .. DeedProblems(saga),
        ];

    private static IEnumerable<string> ListProblems(SagaRecord saga)
    {
        var (listed, view) = (saga.Listed, saga.View);
        if ((listed.Status, listed.Reason, listed.EndedAt, listed.StartedAt) != (view.Status, view.Reason, view.EndedAt, view.StartedAt))
            yield return $"it is listed as {listed.Status} ({listed.Reason}, {listed.EndedAt:O}), and shown as {view.Status} "
                + $"({view.Reason}, {view.EndedAt:O})";
    }

    private static IEnumerable<string> EndProblems(SagaRecord saga)
    {
        var (promise, status) = (saga.Promise, saga.View.Status);
        var canComplete = OrderMix.CanComplete(promise.Kind);
        if (!status.IsTerminal())
            yield return "it has not ended";
        if (status == SagaStatus.Completed && !canComplete)
            yield return "it was to fail, and is completed";
        if (status == SagaStatus.Cancelled && !promise.CancelAsked)
            yield return "it is cancelled, and nobody asked for that";
        if (status == SagaStatus.Terminated && !promise.TerminateAsked)
            yield return "it is terminated, and nobody asked for that";
        if (status is SagaStatus.Compensated or SagaStatus.Failed && canComplete && !saga.RanOutOfAttempts)
            yield return "it was to be completed, and was given up before its attempts were used up";
    }

    /// <summary>
    /// A completed order has each effect once, and any other has undone what was done, all but what an operator let stand.
    /// </summary>
    private static IEnumerable<string> BookProblems(SagaRecord saga)
    {
        foreach (var doubled in saga.Effects.GroupBy(effect => (effect.Step, effect.Undo)).Where(same => same.Count() > 1))
            yield return $"the effect {doubled.Key} was booked {doubled.Count()} times";
        var done = saga.Effects.Where(effect => !effect.Undo).Select(effect => effect.Step).ToList();
        var undone = saga.Effects.Where(effect => effect.Undo).Select(effect => effect.Step).ToList();
        if (saga.View.Status == SagaStatus.Completed)
        {
            if (!done.Order(StringComparer.Ordinal).SequenceEqual(OrderMix.Steps.Order(StringComparer.Ordinal)) || undone.Count > 0)
                yield return $"it is completed, and of its effects {string.Join(", ", done)} were done and {string.Join(", ", undone)} "
                    + "undone";
            else if (
                !Receipts(saga.View)
                    .SequenceEqual(saga.Effects.Select(effect => $"{effect.Step}-{effect.Seq}").Order(StringComparer.Ordinal))
            )
                yield return $"its data has other receipts than its books: {saga.View.Data}";
            yield break;
        }

        if (undone.Except(done).Any())
            yield return $"{string.Join(", ", undone.Except(done))} was undone, and never done";
        if (saga.View.Status != SagaStatus.Terminated && done.Except(undone).Except(saga.Skipped).Any())
            yield return $"{string.Join(", ", done.Except(undone).Except(saga.Skipped))} was done, and not undone";
        if (!undone.SequenceEqual(done.Where(undone.Contains).Reverse()))
            yield return $"{string.Join(", ", done)} was done, and undone not in reverse but so: {string.Join(", ", undone)}";
    }

    /// <summary>
    /// What an operator was told was done is in the history once, what was refused is not in it, and nobody's verb is neither.
    /// </summary>
    private static IEnumerable<string> DeedProblems(SagaRecord saga)
    {
        foreach (var deed in saga.Deeds)
        {
            var found = saga.History.Count(entry =>
                entry.Event == EntryOf(deed.Verb) && entry.CausationId == deed.RequestId && entry.Actor == Operators.Name
            );
            if (found != (deed.IsDone ? 1 : 0))
                yield return $"{deed.Verb} with request id {deed.RequestId} was {(deed.IsDone ? "done" : "refused")}, and is in its "
                    + $"history {found} times";
            if (
                deed is { Verb: OperatorAction.Cancel, IsDone: true }
                && saga.View.Status is not (SagaStatus.Cancelled or SagaStatus.Terminated)
            )
                yield return "its cancel was acknowledged, and it is not cancelled";
            if (deed is { Verb: OperatorAction.Terminate, IsDone: true } && saga.View.Status != SagaStatus.Terminated)
                yield return "its termination was acknowledged, and it is not terminated";
        }
        foreach (
            var entry in saga.History.Where(entry =>
                entry.Actor == Operators.Name && saga.Deeds.All(deed => deed.RequestId != entry.CausationId)
            )
        )
            yield return $"its history has '{entry.Event}' by an operator with request id {entry.CausationId}, which no operator sent";
    }

    private static string EntryOf(OperatorAction verb) =>
        verb switch
        {
            OperatorAction.Cancel => "turned-back",
            OperatorAction.Terminate => "ended",
            OperatorAction.Pause => "paused",
            OperatorAction.Resume => "resumed",
            OperatorAction.Retry => "undo-retried",
            OperatorAction.Skip => "undo-skipped",
            _ => "undo-resolved",
        };

    private static IEnumerable<string?> Receipts(SagaView view)
    {
        var data = view.Data!.Value.As<JsonElement>();
        return ((string[])["holdId", "reservationId", "chargeId", "shipmentId"])
            .Select(name => data.GetProperty(name).GetString())
            .Order(StringComparer.Ordinal);
    }
}
