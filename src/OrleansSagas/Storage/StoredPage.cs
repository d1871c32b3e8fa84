namespace OrleansSagas.Storage;

/// <summary>One page of what a query found, newest start first.</summary>
/// <param name="Items">The sagas.</param>
/// <param name="Next">The <see cref="SagaQuery.After"/> of the next page; null on the last one.</param>
internal sealed record StoredPage(IReadOnlyList<StoredSummary> Items, string? Next);
