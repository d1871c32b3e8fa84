using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansSagas.Storage;

namespace OrleansSagas.Testing;

/// <summary>
/// One life of the process under test: an engine with its services, from a start to a stop or a crash. After a crash none of its turns runs
/// any more.
/// </summary>
internal sealed class TestProcess : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<StepAttempt> _attempts = [];
    private readonly HashSet<StepAttempt> _atWork = [];
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action _onChange;
    private readonly MemorySagaStore _store;
    private readonly ServiceProvider _services;
    private Task _starting = Task.CompletedTask;

    public TestProcess(
        SagaTestOptions options,
        TestIds ids,
        SagaFaults faults,
        MemoryTables disk,
        MemoryStoreHooks hooks,
        ISagaClient client,
        Action onChange
    )
    {
        _onChange = onChange;
        Turns = new TurnScheduler { OnReady = onChange };
        Runtime = new SagaRuntime(Turns, options.Time, ids);
        var services = new ServiceCollection();
        foreach (var service in options.Services)
            services.Add(service);
        services.TryAdd(ServiceDescriptor.Singleton(typeof(ILogger<>), typeof(NullLogger<>)));
        services.TryAddSingleton(client);
        services.AddSingleton(Runtime);
        _store = new MemorySagaStore(disk, Runtime, hooks);
        services.AddSingleton<ISagaStore>(_store); // as an instance: a crash does not close it
        services.AddSagas(sagas =>
        {
            foreach (var definition in options.Sagas.Definitions)
                sagas.Add(new WatchedDefinition(definition, this, faults));
        });
        _services = services.BuildServiceProvider();
        _store.Meters = _services.GetRequiredService<IMeterFactory>();
    }

    public TurnScheduler Turns { get; }

    public SagaRuntime Runtime { get; }

    public IServiceProvider Services => _services;

    /// <summary>Completes when it has crashed or stopped.</summary>
    public Task Over => _over.Task;

    /// <summary>Whether it crashed by a fault, and is to be followed by the next life at once.</summary>
    public bool IsToBeFollowed { get; private set; }

    /// <summary>Completes when it has started.</summary>
    public Task Starting => _starting;

    public void Start() =>
        _starting = Runtime.Start(async () =>
        {
            foreach (var service in _services.GetServices<IHostedService>())
                await service.StartAsync(CancellationToken.None);
        });

    public async Task StopAsync()
    {
        await _starting;
        foreach (var service in _services.GetServices<IHostedService>().Reverse())
            await service.StopAsync(CancellationToken.None);
        End(isToBeFollowed: false);
    }

    /// <summary>Ends it as it is.</summary>
    public void End(bool isToBeFollowed)
    {
        lock (_gate)
        {
            if (_over.Task.IsCompleted)
                return;
            IsToBeFollowed = isToBeFollowed;
            _store.Crash();
            _over.SetResult();
        }

        _onChange();
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    public void Begin(StepAttempt attempt)
    {
        lock (_gate)
        {
            _attempts.Add(attempt);
            _atWork.Add(attempt);
        }
    }

    public void End(StepAttempt attempt)
    {
        lock (_gate)
        {
            _attempts.Remove(attempt);
            _atWork.Remove(attempt);
        }
    }

    /// <summary>The attempt waits for virtual time.</summary>
    public void Waits(StepAttempt attempt)
    {
        lock (_gate)
            _atWork.Remove(attempt);
        _onChange();
    }

    /// <summary>The attempt waits for virtual time no more.</summary>
    public void Works(StepAttempt attempt)
    {
        lock (_gate)
        {
            if (_attempts.Contains(attempt))
                _atWork.Add(attempt);
        }
    }

    /// <summary>
    /// How long the clock must stand still yet for steps that are at work; null for not at all. Those that have been for longer than
    /// <paramref name="grace"/> are taken for hanging.
    /// </summary>
    public TimeSpan? StandsStillFor(TimeSpan grace)
    {
        lock (_gate)
        {
            _atWork.RemoveWhere(attempt => attempt.AtWorkFor >= grace);
            TimeSpan? longest = null;
            foreach (var attempt in _atWork)
                if (grace - attempt.AtWorkFor is var left && (longest is null || left > longest))
                    longest = left > TimeSpan.Zero ? left : TimeSpan.Zero;
            return longest;
        }
    }

    /// <summary>The attempts that have not returned, in words.</summary>
    public string[] InFlight()
    {
        lock (_gate)
            return [.. _attempts.Select(attempt => attempt.ToString()).Order(StringComparer.Ordinal)];
    }
}
