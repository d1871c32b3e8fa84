using System.Diagnostics.Metrics;
using OrleansSagas.Storage;

namespace OrleansSagas.Telemetry;

/// <summary>What a group commit measures.</summary>
internal sealed class CommitInstruments
{
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    };

    private static readonly InstrumentAdvice<int> Sizes = new()
    {
        HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000],
    };

    private readonly TimeProvider _clock;
    private readonly Histogram<double> _commitDuration;
    private readonly Histogram<double> _batchDuration;
    private readonly Histogram<int> _batchSize;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Makes their meter.</param>
    /// <param name="clock">What measures.</param>
    /// <param name="queued">Says how many commits wait; null where nobody is there to say it any more.</param>
    public CommitInstruments(IMeterFactory meters, TimeProvider clock, Func<int?> queued)
    {
        var meter = meters.Create(SagaInstruments.Name);
        _clock = clock;
        _commitDuration = meter.CreateHistogram(
            "orleanssagas.commit.duration",
            "s",
            "From when a saga hands in a commit to when the store has answered it.",
            null,
            Durations
        );
        _batchDuration = meter.CreateHistogram(
            "orleanssagas.commit.batch.duration",
            "s",
            "How long the store took for one batch, which is one transaction.",
            null,
            Durations
        );
        _batchSize = meter.CreateHistogram("orleanssagas.commit.batch.size", "{commit}", "How many commits a batch had.", null, Sizes);
        _ = meter.CreateObservableUpDownCounter(
            "orleanssagas.commit.queue.size",
            () => queued() is { } waiting ? (IEnumerable<Measurement<long>>)[new(waiting)] : [],
            "{commit}",
            "Commits that wait for a batch."
        );
    }

    /// <summary>The time to measure a commit from; null where nobody wants to know.</summary>
    public long? Enqueued() => _commitDuration.Enabled ? _clock.GetTimestamp() : null;

    /// <summary>The time to measure a batch from; null where nobody wants to know.</summary>
    public long? Filled() => _batchDuration.Enabled ? _clock.GetTimestamp() : null;

    /// <summary>Measures a batch that is over.</summary>
    /// <param name="size">How many commits it had.</param>
    /// <param name="filled">What <see cref="Filled"/> gave.</param>
    /// <returns>The time that its commits are over at; null where nobody wants to know.</returns>
    public long? BatchAnswered(int size, long? filled)
    {
        _batchSize.Record(size);
        if (!_commitDuration.Enabled && filled is null)
            return null;
        var now = _clock.GetTimestamp();
        if (filled is { } began)
            _batchDuration.Record(_clock.GetElapsedTime(began, now).TotalSeconds);
        return now;
    }

    /// <summary>Measures a commit that is over.</summary>
    /// <param name="outcome">What became of it.</param>
    /// <param name="enqueued">What <see cref="Enqueued"/> gave.</param>
    /// <param name="answered">What <see cref="BatchAnswered"/> gave.</param>
    public void CommitAnswered(CommitOutcome outcome, long? enqueued, long? answered)
    {
        if (enqueued is { } began && answered is { } ended)
            _commitDuration.Record(
                _clock.GetElapsedTime(began, ended).TotalSeconds,
                new KeyValuePair<string, object?>(SagaInstruments.OutcomeTag, Text(outcome))
            );
    }

    public static string Text(CommitOutcome outcome) =>
        outcome switch
        {
            CommitOutcome.Committed => "committed",
            CommitOutcome.Conflict => "conflict",
            CommitOutcome.DuplicateRequest => "duplicate_request",
            CommitOutcome.NotCommitted => "not_committed",
            _ => "unknown",
        };
}
