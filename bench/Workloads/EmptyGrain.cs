namespace OrleansSagas.Bench.Workloads;

/// <inheritdoc cref="IEmptyGrain" />
internal sealed class EmptyGrain : Grain, IEmptyGrain
{
    /// <inheritdoc />
    public ValueTask CallAsync()
    {
        DeactivateOnIdle();
        return ValueTask.CompletedTask;
    }
}
