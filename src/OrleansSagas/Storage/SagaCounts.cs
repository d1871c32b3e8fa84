namespace OrleansSagas.Storage;

/// <summary>How many stored sagas are in a state that an operator asks for.</summary>
/// <param name="Waiting">Those with a time to be woken at, which are in nobody's memory.</param>
/// <param name="Stuck">Those whose row says <see cref="SagaStatus.Stuck"/>.</param>
/// <param name="Held">Those whose row says <see cref="SagaStatus.Held"/>.</param>
internal readonly record struct SagaCounts(long Waiting, long Stuck, long Held);
