using System.Collections.Concurrent;
using System.Diagnostics;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.Tests.PostgreSql;

/// <summary>
/// Workers that each run saga after saga through the store, as owners do: what is unknown is settled by a load and the commit's id, what
/// was not written is written again. At the end the store must hold exactly what was acknowledged.
/// </summary>
internal sealed class StoreLoad(
    Func<ISagaStore> store,
    StoreLoad.StartOf start,
    Func<SagaKey, long, long, int, SagaCommit> next,
    int workers
)
{
    private const int CommitsPerSaga = 5;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<SagaKey, List<CommitId>> _written = new();
    private readonly ConcurrentBag<(SagaKey Saga, CommitId Id)> _notWritten = [];
    private Task[] _workers = [];
    private long _acknowledged;
    private int _sagas;
    private volatile bool _ending;

    public delegate SagaCommit StartOf(
        SagaKey key,
        SagaRow? row = null,
        StoredRequest? request = null,
        PlanIdentity? plan = null,
        DateTimeOffset? at = null,
        string? correlation = null,
        string? parent = null,
        Payload? data = null
    );

    /// <summary>How many commits had an unknown outcome.</summary>
    public int Unknown => _unknown;

    private int _unknown;

    /// <summary>Why commits were not written, each reason once.</summary>
    public ConcurrentDictionary<string, int> Refusals { get; } = new();

    public void Begin() => _workers = [.. Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync))];

    /// <summary>Waits for so many further acknowledged commits.</summary>
    public async Task ProgressAsync(int commits)
    {
        var until = Interlocked.Read(ref _acknowledged) + commits;
        var clock = Stopwatch.StartNew();
        while (Interlocked.Read(ref _acknowledged) < until)
        {
            if (_workers.FirstOrDefault(w => w.IsFaulted) is { } faulted)
                await faulted;
            if (clock.Elapsed > Patience)
                throw new TimeoutException(
                    $"Waited {Patience.TotalSeconds} s for {commits} commits; the store says: {store().Health.Problem ?? "healthy"}"
                );
            await Task.Delay(1);
        }
    }

    /// <summary>Lets each worker end its saga.</summary>
    public async Task EndAsync()
    {
        _ending = true;
        await Task.WhenAll(_workers).WaitAsync(Patience);
    }

    public async Task AuditAsync()
    {
        foreach (var (key, written) in _written)
        {
            var stored = await store().LoadAsync(key, default);
            Assert.NotNull(stored);
            Assert.Equal(written, stored.Entries.Select(e => e.Commit));
            Assert.Equal(Enumerable.Range(1, written.Count).Select(i => (long)i), stored.Entries.Select(e => e.Revision));
        }

        foreach (var (key, id) in _notWritten)
            Assert.DoesNotContain(id, (await store().LoadAsync(key, default))?.Entries.Select(e => e.Commit) ?? []);
        Assert.False(_written.IsEmpty);
    }

    private async Task WorkAsync()
    {
        while (!_ending)
        {
            var key = new SagaKey(SagaKey.DefaultNamespace, new SagaId($"load-{Interlocked.Increment(ref _sagas)}"));
            var written = _written[key] = [];
            var number = await WriteAsync(key, written, () => start(key));
            for (var revision = 1; revision < CommitsPerSaga; revision++)
            {
                var expected = revision;
                await WriteAsync(key, written, () => next(key, number, expected, 1));
            }
        }
    }

    private async Task<long> WriteAsync(SagaKey key, List<CommitId> written, Func<SagaCommit> make)
    {
        while (true)
        {
            var commit = make();
            var result = await store().CommitAsync(commit, default);
            if (result.Outcome == CommitOutcome.Unknown)
            {
                Interlocked.Increment(ref _unknown);
                result = await SettleAsync(key, commit);
            }

            if (result.Outcome == CommitOutcome.Committed)
            {
                written.Add(commit.Id);
                Interlocked.Increment(ref _acknowledged);
                return result.Number;
            }

            Assert.Equal(CommitOutcome.NotCommitted, result.Outcome);
            _notWritten.Add((key, commit.Id));
            Refusals.AddOrUpdate(result.Error?.Message ?? "not found", 1, (_, count) => count + 1);
            await Task.Delay(5);
        }
    }

    private async Task<CommitResult> SettleAsync(SagaKey key, SagaCommit commit)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                var stored = await store().LoadAsync(key, default);
                return stored is not null && stored.Entries.Any(e => e.Commit == commit.Id)
                    ? new CommitResult(CommitOutcome.Committed, stored.Number)
                    : new CommitResult(CommitOutcome.NotCommitted);
            }
            catch (StoreException) when (clock.Elapsed < Patience)
            {
                await Task.Delay(5);
            }
        }
    }
}
