using System.Collections.Concurrent;
using OrleansSagas.Storing;

namespace OrleansSagas.Tests;

/// <summary>A store for one process, shared by the silos of a test's cluster: each gets a door of its own, which can be shut.</summary>
internal sealed class SharedStore(ISagaStore inner)
{
    private readonly ConcurrentDictionary<Incarnation, Door> _members = new();
    private Task<EngineOpened>? _opening;
    private long _next;

    public ISagaStore Inner => inner;

    public ISagaClusterStore Open() => new Door(this);

    /// <summary>The process behind a door dies: nothing that it still does is written, and it does not say goodbye.</summary>
    public Task KillAsync(string name)
    {
        var door = _members.Values.Single(door => door.Name == name);
        door.IsDead = true;
        return door.ShutAsync();
    }

    private async Task<EngineOpened> JoinAsync(Door door, string name, IReadOnlyList<PlanIdentity> plans)
    {
        Task<EngineOpened> opening;
        lock (_members)
            opening = _opening ??= inner.OpenAsync(plans, CancellationToken.None);
        var opened = await opening;
        opened = opened with { Incarnation = new Incarnation(opened.Incarnation.Value * 1_000 + Interlocked.Increment(ref _next)) };
        (door.Name, door.Incarnation) = (name, opened.Incarnation);
        _members[opened.Incarnation] = door;
        return opened;
    }

    /// <summary>One silo's way to the store.</summary>
    private sealed class Door(SharedStore shared) : ISagaClusterStore
    {
        private readonly SemaphoreSlim _gate = new(1);
        private bool _isShut;
        private int _writing;

        public string Name { get; set; } = "";

        public Incarnation Incarnation { get; set; }

        public bool IsDead { get; set; }

        public StoreHealth Health => _isShut ? new StoreHealth("This engine is shut out.") : shared.Inner.Health;

        public Task<EngineOpened> OpenAsync(IReadOnlyList<PlanIdentity> plans, CancellationToken cancellation) => throw new NotSupportedException("A cluster joins.");

        public Task<EngineOpened> JoinAsync(string name, IReadOnlyList<PlanIdentity> plans, CancellationToken cancellation) => shared.JoinAsync(this, name, plans);

        public Task<IReadOnlyList<EngineMember>> ListMembersAsync(CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<EngineMember>>([.. shared._members.Values.Select(door => new EngineMember(door.Incarnation, door.Name))]);

        public async Task<bool> FenceAsync(Incarnation incarnation, CancellationToken cancellation)
        {
            if (!shared._members.TryRemove(incarnation, out var door))
                return false;
            await door.ShutAsync();
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

        public Task<IReadOnlyList<StoredEntry>?> ReadHistoryAsync(SagaKey saga, long after, int limit, CancellationToken cancellation) => shared.Inner.ReadHistoryAsync(saga, after, limit, cancellation);

        public Task<StoredRequest?> FindRequestAsync(string @namespace, string key, DateTimeOffset now, CancellationToken cancellation) => shared.Inner.FindRequestAsync(@namespace, key, now, cancellation);

        public Task<StoredPage> ListAsync(SagaQuery query, CancellationToken cancellation) => shared.Inner.ListAsync(query, cancellation);

        public Task<IReadOnlyList<DueSaga>> FindDueAsync(DateTimeOffset until, DueSaga? after, int limit, CancellationToken cancellation) => shared.Inner.FindDueAsync(until, after, limit, cancellation);

        public Task<IReadOnlyList<DueSaga>> FindOrphansAsync(IReadOnlyCollection<Incarnation> alive, DueSaga? after, int limit, CancellationToken cancellation) => shared.Inner.FindOrphansAsync(alive, after, limit, cancellation);

        public Task<int> PurgeAsync(DateTimeOffset endedBefore, DateTimeOffset now, int limit, CancellationToken cancellation) => shared.Inner.PurgeAsync(endedBefore, now, limit, cancellation);

        public async ValueTask DisposeAsync()
        {
            if (!IsDead && shared._members.TryRemove(Incarnation, out _))
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
}
