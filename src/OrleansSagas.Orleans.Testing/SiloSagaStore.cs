using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Orleans.Testing;

/// <summary>One silo's way to the store that all silos of a test share; it can be shut alone.</summary>
internal sealed class SiloSagaStore(SharedSagaStore shared) : ISagaClusterStore
{
    private readonly SemaphoreSlim _gate = new(1);
    private bool _isShut;
    private int _writing;

    public Incarnation Incarnation { get; set; }

    public JoiningEngine? Engine { get; set; }

    public bool IsDead { get; set; }

    public StoreHealth Health => _isShut ? new StoreHealth("This engine is shut out.") : shared.Inner.Health;

    public Task<EngineOpened> OpenAsync(IReadOnlyList<PlanIdentity> plans, CancellationToken cancellation) =>
        throw new NotSupportedException("A cluster joins.");

    public Task<EngineOpened> JoinAsync(JoiningEngine engine, CancellationToken cancellation) => shared.JoinAsync(this, engine);

    public Task<IReadOnlyList<EngineMember>> ListMembersAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<EngineMember>>([
            .. shared
                .Members.Values.Where(member => member.Engine!.Cluster == Engine!.Cluster)
                .Select(member => new EngineMember(
                    member.Incarnation,
                    member.Engine!.Name,
                    member.Engine.Cluster,
                    member.Engine.Plans,
                    member.Engine.Form
                )),
        ]);

    public async Task<bool> FenceAsync(Incarnation incarnation, CancellationToken cancellation)
    {
        if (!shared.Members.TryRemove(incarnation, out var member))
            return false;
        await member.ShutAsync();
        return true;
    }

    public async ValueTask<CommitResult> CommitAsync(SagaCommit commit, CancellationToken withdraw)
    {
        await _gate.WaitAsync(CancellationToken.None);
        var isShut = _isShut;
        if (!isShut)
            Interlocked.Increment(ref _writing);
        _gate.Release();
        if (isShut)
            return new CommitResult(CommitOutcome.NotCommitted, Error: new StoreException("This engine is shut out."));
        try
        {
            return await shared.Inner.CommitAsync(commit, withdraw);
        }
        finally
        {
            Interlocked.Decrement(ref _writing);
        }
    }

    public Task<StoredSaga?> LoadAsync(SagaKey saga, CancellationToken cancellation) => shared.Inner.LoadAsync(saga, cancellation);

    public Task<IReadOnlyList<StoredEntry>?> ReadHistoryAsync(SagaKey saga, long after, int limit, CancellationToken cancellation) =>
        shared.Inner.ReadHistoryAsync(saga, after, limit, cancellation);

    public Task<StoredRequest?> FindRequestAsync(RequestKey key, DateTimeOffset now, CancellationToken cancellation) =>
        shared.Inner.FindRequestAsync(key, now, cancellation);

    public Task<StoredPage> ListAsync(SagaQuery query, CancellationToken cancellation) => shared.Inner.ListAsync(query, cancellation);

    public Task<IReadOnlyList<DueSaga>> FindDueAsync(
        SagaPartition partition,
        DateTimeOffset until,
        DueSaga? after,
        int limit,
        CancellationToken cancellation
    ) => shared.Inner.FindDueAsync(partition, until, after, limit, cancellation);

    public Task<IReadOnlyList<DueSaga>> FindOrphansAsync(
        SagaPartition partition,
        IReadOnlyCollection<Incarnation> alive,
        DueSaga? after,
        int limit,
        CancellationToken cancellation
    ) => shared.Inner.FindOrphansAsync(partition, alive, after, limit, cancellation);

    public Task<IReadOnlyList<DueSaga>> FindHeldAsync(DueSaga? after, int limit, CancellationToken cancellation) =>
        shared.Inner.FindHeldAsync(after, limit, cancellation);

    public Task<SagaCounts> CountAsync(SagaPartition partition, int limit, CancellationToken cancellation) =>
        shared.Inner.CountAsync(partition, limit, cancellation);

    public Task<int> PurgeAsync(DateTimeOffset endedBefore, DateTimeOffset now, int limit, CancellationToken cancellation) =>
        shared.Inner.PurgeAsync(endedBefore, now, limit, cancellation);

    public async ValueTask DisposeAsync()
    {
        if (!IsDead && shared.Members.TryRemove(Incarnation, out _))
            await ShutAsync();
    }

    public async Task ShutAsync()
    {
        await _gate.WaitAsync();
        _isShut = true;
        _gate.Release();
        while (Volatile.Read(ref _writing) > 0)
            await Task.Delay(1);
    }
}
