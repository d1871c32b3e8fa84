namespace OrleansSagas.Storage;

/// <summary>A saga as it is found by a query.</summary>
internal sealed record StoredSummary(SagaKey Key, SagaIdentity Identity, SagaRow Row);
