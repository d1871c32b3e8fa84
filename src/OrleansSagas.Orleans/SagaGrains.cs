using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansSagas.Execution;

namespace OrleansSagas.Orleans;

/// <summary>The saga grains of this silo, so that one can go when its owner has let go, and come back while its owner has not.</summary>
internal sealed partial class SagaGrains(SagaProcesses processes, SagaRuntime runtime, IGrainFactory factory, ILocalSiloDetails silo, ILogger<SagaGrains> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<SagaKey, Entry> _grains = new();

    /// <summary>This silo.</summary>
    public string Here { get; } = silo.SiloAddress.ToParsableString();

    /// <summary>How many there are.</summary>
    public int Count => _grains.Count;

    public void Add(SagaKey saga, SagaGrain grain, TaskScheduler turns) => _grains[saga] = new Entry(grain, turns);

    public void Remove(SagaKey saga, SagaGrain grain)
    {
        if (_grains.TryGetValue(saga, out var entry) && ReferenceEquals(entry.Grain, grain))
            _grains.TryRemove(new KeyValuePair<SagaKey, Entry>(saga, entry));
    }

    /// <summary>The owner of a saga has let go: its grain looks, in a turn of its own, whether it can go too.</summary>
    public void Closed(SagaKey saga)
    {
        if (_grains.TryGetValue(saga, out var entry))
            _ = Task.Factory.StartNew(static grain => ((SagaGrain)grain!).GoIfFree(), entry.Grain, CancellationToken.None, TaskCreationOptions.DenyChildAttach, entry.Turns);
    }

    /// <summary>A saga's grain has gone, its owner has not: brings the grain back. Where there is one elsewhere by now, the owner lets go.</summary>
    public void Return(SagaKey saga) => _ = runtime.Start(async () =>
    {
        while (processes.Holds(saga) && !processes.IsDraining)
        {
            try
            {
                if (!await factory.Saga(saga).ReturnAsync(Here))
                    await processes.LeaveAsync(saga, processes.Stopping);
                return;
            }
            catch (Exception exception)
            {
                // Whatever it was: without an entry in the directory another silo would take the saga away.
                LogCannotReturn(logger, saga, exception);
                await Task.Delay(Pause, runtime.Clock);
            }
        }
    });

    [LoggerMessage(48, LogLevel.Information, "The grain of saga {Saga} could not be brought back; it is tried again.")]
    private static partial void LogCannotReturn(ILogger logger, SagaKey saga, Exception exception);

    private sealed record Entry(SagaGrain Grain, TaskScheduler Turns);
}
