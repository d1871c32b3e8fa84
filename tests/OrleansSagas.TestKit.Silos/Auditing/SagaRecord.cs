using OrleansSagas.TestKit.Silos.Loading;

namespace OrleansSagas.TestKit.Silos.Auditing;

/// <summary>All that is known of one saga when everything is over: what was promised, and what the silo and the books say.</summary>
/// <param name="Listed">As the list shows it.</param>
/// <param name="View">As it is shown by itself.</param>
/// <param name="Books">What the shop's books have of it; null where they have nothing.</param>
/// <param name="Deeds">What operators asked of it, and were answered.</param>
internal sealed record SagaRecord(
    Promise Promise,
    SagaSummary Listed,
    SagaView View,
    IReadOnlyList<SagaHistoryEntry> History,
    OrderBooks? Books,
    IReadOnlyList<Deed> Deeds
)
{
    public IReadOnlyList<OrderEffect> Effects => Books?.Effects ?? [];

    /// <summary>The steps whose undo an operator skipped: their effect may stay.</summary>
    public IEnumerable<string?> Skipped =>
        History.Where(entry => entry.Event == "undo-skipped").Select(entry => HistoryAudit.Text(entry, "step"));

    /// <summary>Whether an operator has taken it upon himself that effects stay.</summary>
    public bool MayLeaveEffects => View.Status == SagaStatus.Terminated || Skipped.Any();

    /// <summary>Whether it could have been completed, and was undone because the attempts of a step were used up.</summary>
    public bool RanOutOfAttempts =>
        View.Steps.Any(step => step is { Attempts: OrderMix.MaxAttempts, Status: not (StepStatus.Succeeded or StepStatus.Rejected) });

    public override string ToString() =>
        $"It is {View.Status} ({View.Error}), with {Effects.Count} effects: "
        + $"{string.Join(", ", Effects)}{Environment.NewLine}{HistoryAudit.Said(History)}";
}
