using OrleansSagas.Plans;
using OrleansSagas.Simulation.Tests.Scenarios;
using OrleansSagas.Storage;

namespace OrleansSagas.Simulation.Tests.Worlds;

/// <summary>One process's way to the disk: the real group commit above, delays and faults below.</summary>
internal sealed class DiskConnection : ISagaStore, IBatchWriter
{
    private readonly World _world;
    private readonly Disk _disk;
    private readonly Scenario _scenario;
    private readonly Process _process;
    private readonly Chance _chance;
    private GroupCommit? _group;
    private Action? _fate;
    private bool _isInDoubt;

    public DiskConnection(World world, Disk disk, Scenario scenario, Process process)
    {
        (_world, _disk, _scenario, _process) = (world, disk, scenario, process);
        _chance = world.Chance.Fork();
    }

    public Incarnation Incarnation { get; private set; }

    public StoreHealth Health => new(_group is null ? "not open" : null);

    public async Task<EngineOpened> OpenAsync(IReadOnlyList<PlanIdentity> plans, CancellationToken cancellation)
    {
        await PauseAsync();
        var opened = _disk.Open(plans);
        Incarnation = opened.Incarnation;
        _group = new GroupCommit(_process.Runtime, [this], _scenario.MaxBatch);
        return opened;
    }

    public ValueTask<CommitResult> CommitAsync(SagaCommit commit, CancellationToken withdraw) => _group!.CommitAsync(commit, withdraw);

    /// <summary>As the stores do: one transaction after the other while many commits wait.</summary>
    public async ValueTask WriteAsync(CommitBatch batch)
    {
        do await TransactAsync(batch);
        while (_chance.Happens(0.5) && batch.TryTakeNextBatch());
    }

    /// <summary>One transaction: written, then synced. What was not synced when the process dies is there or not, all of it.</summary>
    private async Task TransactAsync(CommitBatch batch)
    {
        while (_isInDoubt)
            await Task.Delay(_scenario.CommitDelay, _process.Runtime.Clock);
        if (Happens(_scenario.CommitFails))
        {
            await PauseAsync();
            batch.AnswerAll(CommitOutcome.NotCommitted, new StoreException("The disk is full, says the simulation."));
            return;
        }

        var commits = Enumerable.Range(0, batch.Count).Select(index => batch[index]).ToArray();
        CommitResult[]? results = null;
        var isApplied = false;
        void Apply()
        {
            if (isApplied)
                return;
            isApplied = true;
            results = [.. commits.Select(commit => _disk.Apply(commit, _process.Name))];
        }

        // Where the process dies before the sync has answered, this decides.
        var survives = _chance.Happens(0.5);
        _fate = survives ? Apply : null;
        await Task.Delay(_chance.UpTo(_scenario.CommitDelay), _process.Runtime.Clock);
        if (Happens(_scenario.CommitUnknown))
        {
            _isInDoubt = true;
            _world.Send(
                _chance.UpTo(TimeSpan.FromSeconds(3)),
                () =>
                {
                    if (survives)
                        Apply();
                    _isInDoubt = false;
                }
            );
            _fate = null;
            batch.AnswerAll(CommitOutcome.Unknown, new StoreException("The sync failed, says the simulation."));
            return;
        }

        Apply();
        _fate = null;
        if (Happens(0.5))
            await Task.Delay(_chance.UpTo(_scenario.CommitDelay), _process.Runtime.Clock);
        for (var i = 0; i < commits.Length; i++)
            batch.Answer(i, results![i]);
    }

    /// <summary>The process is gone. Whether its last transaction was synced is a matter of luck.</summary>
    public void Cut()
    {
        _group = null;
        _fate?.Invoke();
        _fate = null;
    }

    public Task<StoredSaga?> LoadAsync(SagaKey saga, CancellationToken cancellation) => ReadSettledAsync(tables => tables.Load(saga));

    public Task<IReadOnlyList<StoredEntry>?> ReadHistoryAsync(SagaKey saga, long after, int limit, CancellationToken cancellation) =>
        ReadAsync(tables => tables.ReadHistory(saga, after, limit));

    public Task<StoredRequest?> FindRequestAsync(RequestKey key, DateTimeOffset now, CancellationToken cancellation) =>
        ReadSettledAsync(tables => tables.FindRequest(key, now));

    public Task<StoredPage> ListAsync(SagaQuery query, CancellationToken cancellation) => ReadAsync(tables => tables.List(query));

    public Task<IReadOnlyList<DueSaga>> FindDueAsync(
        SagaPartition partition,
        DateTimeOffset until,
        DueSaga? after,
        int limit,
        CancellationToken cancellation
    ) => ReadAsync(tables => tables.FindDue(partition, until, after, limit));

    public Task<IReadOnlyList<DueSaga>> FindOrphansAsync(
        SagaPartition partition,
        IReadOnlyCollection<Incarnation> alive,
        DueSaga? after,
        int limit,
        CancellationToken cancellation
    ) => ReadAsync(tables => tables.FindOrphans(partition, alive, after, limit));

    public Task<IReadOnlyList<DueSaga>> FindHeldAsync(DueSaga? after, int limit, CancellationToken cancellation) =>
        ReadAsync(tables => tables.FindHeld(after, limit));

    public Task<SagaCounts> CountAsync(SagaPartition partition, int limit, CancellationToken cancellation) =>
        ReadAsync(tables => tables.Count(partition, limit));

    public Task<int> PurgeAsync(DateTimeOffset endedBefore, DateTimeOffset now, int limit, CancellationToken cancellation) =>
        ReadAsync(tables => tables.Purge(endedBefore, now, limit));

    public async ValueTask DisposeAsync()
    {
        if (_group is { } group)
            await group.DisposeAsync();
    }

    private async Task<T> ReadSettledAsync<T>(Func<Testing.MemoryTables, T> read)
    {
        if (_isInDoubt)
            throw new StoreException("Nobody knows yet what the last transaction did, says the simulation.");
        return await ReadAsync(read);
    }

    /// <summary>What is read may be old when it arrives.</summary>
    private async Task<T> ReadAsync<T>(Func<Testing.MemoryTables, T> read)
    {
        if (_chance.Happens(0.5))
            await PauseAsync();
        if (Happens(_scenario.ReadFails))
            throw new StoreException("The disk cannot be read, says the simulation.");
        var result = read(_disk.Tables);
        if (_chance.Happens(0.5))
            await PauseAsync();
        return result;
    }

    private Task PauseAsync() => Task.Delay(_chance.UpTo(_scenario.ReadDelay), _process.Runtime.Clock);

    private bool Happens(double fault) => !_scenario.IsCalm && _chance.Happens(fault);
}
