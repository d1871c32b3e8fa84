using System.Diagnostics.Metrics;
using System.Globalization;

namespace OrleansSagas.TestKit;

/// <summary>A meter factory of a test's own, and all that is measured by the meters that it made: nothing of other tests.</summary>
/// <remarks>It outlives the engines that it is given to, so that what several lives of one measure adds up.</remarks>
internal sealed class MeterRecording : IMeterFactory
{
    private readonly Lock _gate = new();
    private readonly List<Meter> _meters = [];
    private readonly List<(Instrument Instrument, double Value, string Tags)> _measured = [];
    private readonly List<Instrument> _instruments = [];
    private readonly MeterListener _counters;
    private readonly MeterListener _gauges;

    /// <summary>Makes it.</summary>
    /// <param name="readsGauges">Whether it reads the gauges from the beginning.</param>
    public MeterRecording(bool readsGauges = true)
    {
        (_counters, _gauges) = (Listener(areObservable: false), Listener(areObservable: true));
        _counters.Start();
        if (readsGauges)
            ReadGauges();
    }

    /// <summary>Reads the gauges from now on.</summary>
    public void ReadGauges() => _gauges.Start();

    /// <summary>The instruments that there are, in ordinal order of their names.</summary>
    public Instrument[] Instruments
    {
        get
        {
            lock (_gate)
                return [.. _instruments.OrderBy(instrument => instrument.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>
    /// What was counted: "name tag=value ...", as often as it was, in ordinal order. Histograms count once a measurement.
    /// </summary>
    /// <param name="prefixes">How the names begin; none for all.</param>
    public string[] Counted(params string[] prefixes) =>
        [
            .. Snapshot()
                .Where(one => prefixes.Length == 0 || Array.Exists(prefixes, one.Instrument.Name.StartsWith))
                .SelectMany(one =>
                    Enumerable.Repeat(
                        $"{one.Instrument.Name} {one.Tags}".TrimEnd(),
                        one.Instrument is Counter<long> ? checked((int)one.Value) : 1
                    )
                )
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>What a histogram was told, in order.</summary>
    public double[] Values(string name) => [.. Snapshot().Where(one => one.Instrument.Name == name).Select(one => one.Value)];

    /// <summary>What the gauges of this name show now, all together; null where none shows anything.</summary>
    public double? Gauge(string name)
    {
        lock (_gate)
            _measured.RemoveAll(one => one.Instrument.IsObservable);
        _gauges.RecordObservableInstruments();
        var shown = Values(name);
        return shown.Length == 0 ? null : shown.Sum();
    }

    public Meter Create(MeterOptions options)
    {
        lock (_gate)
        {
            if (_meters.Find(meter => meter.Name == options.Name) is { } known)
                return known;
            options.Scope = this;
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }
    }

    /// <summary>Measures no more. Providers that were given it do not dispose of it: it is an instance.</summary>
    public void Dispose()
    {
        _counters.Dispose();
        _gauges.Dispose();
        lock (_gate)
            foreach (var meter in _meters)
                meter.Dispose();
    }

    private MeterListener Listener(bool areObservable)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.IsObservable != areObservable || !ReferenceEquals(instrument.Meter.Scope, this))
                    return;
                lock (_gate)
                    _instruments.Add(instrument);
                listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        return listener;
    }

    private (Instrument Instrument, double Value, string Tags)[] Snapshot()
    {
        lock (_gate)
            return [.. _measured];
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = string.Join(' ', tags.ToArray().Select(tag => string.Create(CultureInfo.InvariantCulture, $"{tag.Key}={tag.Value}")));
        lock (_gate)
            _measured.Add((instrument, value, text));
    }
}
