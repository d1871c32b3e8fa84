namespace OrleansSagas;

/// <summary>One page of a list of sagas, newest first.</summary>
/// <param name="Items">The sagas of this page.</param>
/// <param name="Next">What to pass as <c>after</c> to get the next page; null on the last one.</param>
public sealed record SagaPage(IReadOnlyList<SagaSummary> Items, string? Next);
