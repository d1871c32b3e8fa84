using OrleansSagas.Bench.Load;
using OrleansSagas.Bench.Measuring;

namespace OrleansSagas.Bench.Silo;

/// <summary>The silos of one cluster, or the only one there is, seen from their parent.</summary>
internal sealed class SiloGroup : IAsyncDisposable
{
    private readonly List<SiloProcess> _silos = [];

    private SiloGroup() { }

    /// <summary>Where each of them listens.</summary>
    public IEnumerable<Uri> Addresses => _silos.Select(silo => silo.Address);

    /// <summary>Starts them one after the other, and waits until all of them listen.</summary>
    public static async Task<SiloGroup> StartAsync(int count, SiloOptions options, bool serverCollector, string? database)
    {
        var group = new SiloGroup();
        try
        {
            while (group._silos.Count < count)
                group._silos.Add(await SiloProcess.StartAsync(options, serverCollector, database));
            return group;
        }
        catch
        {
            await group.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads their counters, added up.</summary>
    public async Task<SiloReading> ReadAsync()
    {
        var sum = await _silos[0].ReadAsync();
        foreach (var silo in _silos.Skip(1))
        {
            var one = await silo.ReadAsync();
            sum = new SiloReading(sum.Usage.With(one.Usage), sum.Counters.With(one.Counters));
        }

        return sum;
    }

    /// <summary>Counts what their store holds.</summary>
    public Task<StoreContents> CountStoreAsync() => _silos[0].CountStoreAsync();

    /// <summary>Of a peer: counts the sagas that are stored and ended as they must.</summary>
    public Task<long> CountEndedAsync() => _silos.Single().CountEndedAsync();

    /// <summary>Makes the only one load itself, in process.</summary>
    public Task<LoadResult> LoadAsync(int concurrency, TimeSpan duration) => _silos.Single().LoadAsync(concurrency, duration);

    /// <summary>Ends them.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
            await silo.DisposeAsync();
    }
}
