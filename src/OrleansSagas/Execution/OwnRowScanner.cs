using OrleansSagas.Storage;

namespace OrleansSagas.Execution;

/// <summary>Compares the rows that say that this silo holds a saga with the processes that it has, a page at each call.</summary>
internal sealed class OwnRowScanner(ISagaStore store, SagaProcesses processes)
{
    private const int PageSize = 256;

    private DueSaga? _last;
    private HashSet<SagaKey> _missing = [];
    private HashSet<SagaKey> _missingBefore = [];

    /// <summary>The sagas of the next page that no process here holds, and that none held in the round before either.</summary>
    /// <param name="others">The other incarnations that are alive.</param>
    /// <param name="cancellation">Ends the look.</param>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task<IReadOnlyList<SagaKey>> FindLostAsync(IReadOnlyCollection<Incarnation> others, CancellationToken cancellation)
    {
        var page = await store.FindOrphansAsync(SagaPartition.All, others, _last, PageSize, cancellation);
        _last = page.Count < PageSize ? null : page[^1];
        List<SagaKey>? lost = null;
        foreach (var row in page)
        {
            if (processes.Holds(row.Key))
                continue;

            // A row may have been read a moment before the commit that lets go of it: only the second time it counts.
            _missing.Add(row.Key);
            if (_missingBefore.Contains(row.Key))
                (lost ??= []).Add(row.Key);
        }

        if (_last is null)
            (_missingBefore, _missing) = (_missing, []);
        return lost ?? [];
    }
}
