using System.Diagnostics.Metrics;
using OrleansSagas.Storage;

namespace OrleansSagas.Telemetry;

/// <summary>
/// The gauges of the sagas in the store that are in nobody's memory. Whoever watches a partition's clock counts that partition, so that the
/// sum over all processes is that of the store.
/// </summary>
/// <remarks>The store is never asked when the gauges are read: that shows what was counted last, for as long as it is fresh.</remarks>
internal sealed class StoredSagaGauges
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, Counted> _partitions = [];
    private readonly TimeProvider _clock;
    private readonly Instrument[] _gauges;

    public StoredSagaGauges(Meter meter, TimeProvider clock)
    {
        _clock = clock;
        _gauges =
        [
            Gauge(meter, "orleanssagas.saga.waiting", "Stored sagas that are in no memory and have a time to be woken at.", c => c.Waiting),
            Gauge(meter, "orleanssagas.saga.stuck", "Stored sagas that are stuck: an undo failed for good.", c => c.Stuck),
            Gauge(meter, "orleanssagas.saga.held", "Stored sagas that are held: nobody here can carry them on.", c => c.Held),
        ];
    }

    /// <summary>Whether anyone reads them.</summary>
    public bool AreRead => Array.Exists(_gauges, static gauge => gauge.Enabled);

    /// <summary>Says how many sagas a partition has.</summary>
    /// <param name="partition">Its number.</param>
    /// <param name="counts">What the store counted.</param>
    /// <param name="validity">For how long this is shown, if it is not said again.</param>
    public void Show(int partition, SagaCounts counts, TimeSpan validity)
    {
        lock (_gate)
            _partitions[partition] = new Counted(counts, _clock.GetTimestamp(), validity);
    }

    /// <summary>Shows nothing of a partition any more: another process counts it from now on.</summary>
    public void Forget(int partition)
    {
        lock (_gate)
            _partitions.Remove(partition);
    }

    private ObservableUpDownCounter<long> Gauge(Meter meter, string name, string description, Func<SagaCounts, long> of) =>
        meter.CreateObservableUpDownCounter(name, () => Observe(of), "{saga}", description);

    private IEnumerable<Measurement<long>> Observe(Func<SagaCounts, long> of)
    {
        long? sum = null;
        lock (_gate)
            foreach (var counted in _partitions.Values)
                if (_clock.GetElapsedTime(counted.At) <= counted.Validity)
                    sum = (sum ?? 0) + of(counted.Counts);
        return sum is { } known ? [new(known)] : [];
    }

    private readonly record struct Counted(SagaCounts Counts, long At, TimeSpan Validity);
}
