using System.Collections.Concurrent;
using Orleans.Runtime;
using OrleansSagas.Storing;
using OrleansSagas.Testing;

namespace OrleansSagas.Orleans.Testing;

/// <summary>One store for all silos of a test's process. It outlives the silos, so that a second cluster can go on with the sagas of a first.</summary>
public sealed class SharedSagaStore : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task<EngineOpened>? _opening;
    private long _next;

    /// <summary>A store in memory.</summary>
    public SharedSagaStore()
        : this(new MemorySagaStore(new MemoryTables(), SagaRuntime.System))
    {
    }

    /// <summary>A store that only one engine can hold, such as that of SQLite, shared.</summary>
    /// <param name="inner">The store, which has not been opened.</param>
    public SharedSagaStore(ISagaStore inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        Inner = inner;
    }

    /// <summary>What is shared: what stands here is durable.</summary>
    public ISagaStore Inner { get; }

    internal ConcurrentDictionary<Incarnation, SiloSagaStore> Members { get; } = new();

    /// <summary>A silo's own way to the store; it becomes the silo's <see cref="ISagaStore"/>.</summary>
    public ISagaClusterStore Connect() => new SiloSagaStore(this);

    /// <summary>Lets the process behind a silo die: nothing that it still does is written, and it does not say goodbye.</summary>
    /// <param name="silo">The silo.</param>
    public Task KillAsync(SiloAddress silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        var name = silo.ToParsableString();
        var member = Members.Values.Single(member => member.Name == name);
        member.IsDead = true;
        return member.ShutAsync();
    }

    /// <summary>Closes what is shared.</summary>
    public ValueTask DisposeAsync() => Inner.DisposeAsync();

    internal async Task<EngineOpened> JoinAsync(SiloSagaStore member, string name, IReadOnlyList<PlanIdentity> plans)
    {
        Task<EngineOpened> opening;
        lock (_gate)
            opening = _opening ??= Inner.OpenAsync(plans, CancellationToken.None);
        var opened = await opening;
        opened = opened with { Incarnation = new Incarnation(opened.Incarnation.Value * 1_000 + Interlocked.Increment(ref _next)) };
        (member.Name, member.Incarnation, member.Plans) = (name, opened.Incarnation, plans);
        Members[opened.Incarnation] = member;
        return opened;
    }
}
