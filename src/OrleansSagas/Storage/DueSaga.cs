using OrleansSagas.Plans;

namespace OrleansSagas.Storage;

/// <summary>A saga that must be loaded.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Number">The store's own number for it; a later start has a greater one.</param>
/// <param name="WakeAt">When it was or is due; null for one whose owner died or that is held.</param>
/// <param name="Plan">The definition that it started with.</param>
internal sealed record DueSaga(SagaKey Key, long Number, DateTimeOffset? WakeAt, PlanIdentity Plan);
