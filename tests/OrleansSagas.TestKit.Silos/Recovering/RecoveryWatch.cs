using System.Diagnostics;
using OrleansSagas.TestKit.Silos.Running;

namespace OrleansSagas.TestKit.Silos.Recovering;

/// <summary>Measures one recovery, until it is done or the silo is killed.</summary>
internal sealed class RecoveryWatch(SiloProcess silo, ISagaClient sagas, Task<long> acknowledged)
{
    private static readonly SagaStatus[] Unfinished = [SagaStatus.Running, SagaStatus.Waiting, SagaStatus.Compensating];
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    private readonly long _started = Stopwatch.GetTimestamp() - silo.Age.ElapsedTicks;
    private TimeSpan? _ready;
    private TimeSpan? _movedOn;
    private int? _unfinished;

    public TaskCompletionSource IsReady { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs until all has moved on.</summary>
    public async Task RunAsync(CancellationToken killed)
    {
        try
        {
            _ready = await silo.ReadyAsync(killed);
            IsReady.SetResult();
            var left = await FindUnfinishedAsync(killed);
            _unfinished = left.Count;
            while (left.Count > 0)
            {
                left = await StillAsync(left, killed);
                if (left.Count > 0)
                    await Task.Delay(Glance, killed);
            }
            _movedOn = silo.Age.Elapsed;
        }
        catch (OperationCanceledException) when (killed.IsCancellationRequested)
        {
            IsReady.TrySetCanceled(killed);
        }
        catch (Exception failure)
        {
            IsReady.TrySetException(failure);
            throw;
        }
    }

    public Recovery Result =>
        new(_ready, acknowledged.IsCompleted ? Stopwatch.GetElapsedTime(_started, acknowledged.Result) : null, _unfinished, _movedOn);

    private async Task<List<SagaId>> FindUnfinishedAsync(CancellationToken killed)
    {
        var found = new List<SagaId>();
        foreach (var status in Unfinished)
        {
            await foreach (
                var saga in sagas.ListAsync(
                    new()
                    {
                        Status = status,
                        StartedBefore = silo.StartedAt,
                        PageSize = 1000,
                    },
                    killed
                )
            )
                found.Add(saga.Id);
        }
        return found;
    }

    private async Task<List<SagaId>> StillAsync(List<SagaId> sagaIds, CancellationToken killed)
    {
        var left = new List<SagaId>();
        foreach (var id in sagaIds)
        {
            var view = await sagas.Get(id).GetAsync(killed);
            if (!view.Status.IsTerminal() && view.Status != SagaStatus.Paused && view.UpdatedAt < silo.StartedAt)
                left.Add(id);
        }
        return left;
    }
}
