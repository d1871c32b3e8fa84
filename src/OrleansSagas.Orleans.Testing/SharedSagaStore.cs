using System.Collections.Concurrent;
using Orleans.Runtime;
using OrleansSagas.Storage;
using OrleansSagas.Testing;

namespace OrleansSagas.Orleans.Testing;

/// <summary>
/// One store for all silos of a test's process. It outlives the silos, so that a second cluster can go on with the sagas of a first.
/// </summary>
public sealed class SharedSagaStore : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task<EngineOpened>? _opening;
    private long _next;

    /// <summary>A store in memory.</summary>
    public SharedSagaStore()
        : this(new MemorySagaStore(new MemoryTables(), SagaRuntime.System)) { }

    /// <summary>A store that only one engine can hold, such as that of SQLite, shared.</summary>
    /// <param name="inner">The store, which has not been opened.</param>
    internal SharedSagaStore(ISagaStore inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        Inner = inner;
    }

    /// <summary>What is shared: what stands here is durable.</summary>
    internal ISagaStore Inner { get; }

    /// <summary>What the silos that join from now on say of the stored form that they can read; null for what is true.</summary>
    internal int? PretendedForm { get; set; }

    internal ConcurrentDictionary<Incarnation, SiloSagaStore> Members { get; } = new();

    /// <summary>A silo's own way to the store; it becomes the silo's <see cref="ISagaStore"/>.</summary>
    internal ISagaClusterStore Connect() => new SiloSagaStore(this);

    /// <summary>Lets the process behind a silo die: nothing that it still does is written, and it does not say goodbye.</summary>
    /// <param name="silo">The silo.</param>
    public Task KillAsync(SiloAddress silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        var name = silo.ToParsableString();
        var member = Members.Values.Single(member => member.Engine!.Name == name);
        member.IsDead = true;
        return member.ShutAsync();
    }

    /// <summary>Closes what is shared.</summary>
    public ValueTask DisposeAsync() => Inner.DisposeAsync();

    internal async Task<EngineOpened> JoinAsync(SiloSagaStore member, JoiningEngine engine)
    {
        Task<EngineOpened> opening;
        lock (_gate)
            opening = _opening ??= Inner.OpenAsync(engine.Plans, CancellationToken.None);
        var opened = await opening;
        opened = opened with { Incarnation = new Incarnation(opened.Incarnation.Value * 1_000 + Interlocked.Increment(ref _next)) };
        lock (_gate)
        {
            ShutOutStrangers(engine);
            (member.Engine, member.Incarnation) = (engine with { Form = PretendedForm ?? engine.Form }, opened.Incarnation);
            Members[opened.Incarnation] = member;
        }

        return opened;
    }

    /// <summary>Removes what is left of the dead silos of another cluster, or of this one with another number of partitions.</summary>
    /// <exception cref="StoreException">One of them lives.</exception>
    private void ShutOutStrangers(JoiningEngine engine)
    {
        foreach (
            var other in Members.Values.Where(other =>
                (other.Engine!.Cluster, other.Engine.Partitions) != (engine.Cluster, engine.Partitions)
            )
        )
        {
            if (!other.IsDead)
                throw new StoreException(Refusal(engine, other.Engine!));
            Members.TryRemove(other.Incarnation, out _);
        }
    }

    private static string Refusal(JoiningEngine engine, JoiningEngine other) =>
        engine.Cluster == other.Cluster
            ? $"This store is held by this cluster with {other.Partitions} partitions; this silo is set to {engine.Partitions}. Set "
                + $"Partitions to {other.Partitions} on all silos."
            : $"This store is held by another cluster, '{other.Cluster.ClusterId}' of the service '{other.Cluster.ServiceId}', whose "
                + $"silo '{other.Name}' is alive; this silo is of the cluster "
                + $"'{engine.Cluster.ClusterId}' of the service '{engine.Cluster.ServiceId}'. Stop or dispose of the other test cluster "
                + "first, or give each a SharedSagaStore of its own.";
}
