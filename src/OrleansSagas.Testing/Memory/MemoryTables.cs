using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Testing;

/// <summary>
/// What a store holds, in memory: the meaning of <see cref="ISagaStore"/> without its waiting. Not safe for several threads at once.
/// </summary>
internal sealed class MemoryTables
{
    private readonly Dictionary<SagaKey, MemorySaga> _sagas = [];
    private readonly SortedDictionary<long, MemorySaga> _byNumber = [];
    private readonly SortedDictionary<long, MemorySaga> _unfinished = [];
    private readonly Dictionary<RequestKey, MemoryRequest> _requests = [];
    private long _incarnation;
    private long _number;

    /// <summary>The store of the engine that has them now; null after it closed or crashed.</summary>
    public MemorySagaStore? Holder { get; set; }

    /// <summary>
    /// Hands out the next incarnation, and says which versions of unfinished sagas are not among <paramref name="plans"/>.
    /// </summary>
    public EngineOpened Open(IReadOnlyList<PlanIdentity> plans) =>
        new(
            new Incarnation(++_incarnation),
            [
                .. _unfinished
                    .Values.Select(saga => saga.Plan)
                    .Distinct()
                    .Except(plans)
                    .OrderBy(plan => plan.Type, StringComparer.Ordinal)
                    .ThenBy(plan => plan.Version)
                    .ThenBy(plan => plan.Fingerprint, StringComparer.Ordinal),
            ]
        );

    /// <summary>Applies one commit: all of it or nothing.</summary>
    public CommitResult Apply(SagaCommit commit)
    {
        if (commit.Request is { } request && FindRequest(request.Key, commit.At) is { } earlier)
            return new CommitResult(CommitOutcome.DuplicateRequest, Earlier: earlier);
        if (!GuardHolds(commit, out var saga))
            return new CommitResult(CommitOutcome.Conflict);
        if (commit.NewSaga is { } identity)
        {
            saga = new MemorySaga(commit.Saga, ++_number, identity, commit.Row!);
            _sagas.Add(saga.Key, saga);
            _byNumber.Add(saga.Number, saga);
        }

        if (saga is not null)
        {
            saga.Row = commit.Row ?? saga.Row;
            saga.Entries.AddRange(commit.Entries);
            if (saga.Row.Status.IsTerminal())
                _ = _unfinished.Remove(saga.Number);
            else
                _unfinished[saga.Number] = saga;
        }

        if (commit.Request is { } taken)
            _requests[taken.Key] = new MemoryRequest(taken);
        return new CommitResult(CommitOutcome.Committed, saga?.Number ?? 0);
    }

    public StoredSaga? Load(SagaKey key) =>
        _sagas.TryGetValue(key, out var saga)
            ? new StoredSaga(key, saga.Number, saga.Identity, saga.Row, saga.After(saga.Row.SnapshotRevision, int.MaxValue))
            : null;

    public IReadOnlyList<StoredEntry>? ReadHistory(SagaKey key, long after, int limit) =>
        _sagas.TryGetValue(key, out var saga) ? saga.After(after, limit) : null;

    /// <summary>The number of a saga's last entry; 0 where there is no such saga.</summary>
    public long RevisionOf(SagaKey key) => _sagas.TryGetValue(key, out var saga) ? saga.Entries.Count : 0;

    public StoredRequest? FindRequest(RequestKey key, DateTimeOffset now)
    {
        if (!_requests.TryGetValue(key, out var found))
            return null;
        if (found.ExpiresAt is { } expires)
            return expires > now ? found.Request : null;
        return _sagas.TryGetValue(new SagaKey(key.Namespace, found.Request.Saga), out var saga) && !(saga.RequestsExpireAt <= now)
            ? found.Request
            : null;
    }

    /// <exception cref="ArgumentOutOfRangeException">The page's limit is out of its range.</exception>
    /// <exception cref="FormatException">The cursor is not one of this store's.</exception>
    public StoredPage List(SagaQuery query)
    {
        var before = PageBounds.Before(query);
        var found = _byNumber.Values.Reverse().Where(saga => saga.Number < before && saga.Meets(query)).Take(query.Limit + 1).ToList();
        var isLast = found.Count <= query.Limit;
        if (!isLast)
            found.RemoveAt(query.Limit);
        return new StoredPage(
            [.. found.Select(saga => new StoredSummary(saga.Key, saga.Identity, saga.Row))],
            isLast ? null : PageBounds.After(found[^1].Number)
        );
    }

    public IReadOnlyList<DueSaga> FindDue(SagaPartition partition, DateTimeOffset until, DueSaga? after, int limit) =>
        [
            .. _unfinished
                .Values.Where(saga =>
                    saga.Row is { Owner: null, WakeAt: { } wakeAt, Status: not SagaStatus.Held }
                    && wakeAt <= until
                    && partition.Holds(saga.Number)
                )
                .Select(saga => new DueSaga(saga.Key, saga.Number, saga.Row.WakeAt, saga.Plan))
                .Where(due =>
                    after is null || (due.WakeAt!.Value, due.Number).CompareTo((after.WakeAt ?? DateTimeOffset.MinValue, after.Number)) > 0
                )
                .OrderBy(due => due.WakeAt)
                .ThenBy(due => due.Number)
                .Take(limit),
        ];

    public IReadOnlyList<DueSaga> FindOrphans(SagaPartition partition, IReadOnlyCollection<Incarnation> alive, DueSaga? after, int limit) =>
        [
            .. _unfinished
                .Values.Where(saga =>
                    saga.Row is { Owner: { } owner, Status: not SagaStatus.Held }
                    && !alive.Contains(owner)
                    && saga.Number > (after?.Number ?? 0)
                    && partition.Holds(saga.Number)
                )
                .Take(limit)
                .Select(saga => new DueSaga(saga.Key, saga.Number, null, saga.Plan)),
        ];

    public IReadOnlyList<DueSaga> FindHeld(DueSaga? after, int limit) =>
        [
            .. _unfinished
                .Values.Where(saga => saga.Row.Status == SagaStatus.Held && (after is null || Order(saga.Key, saga.Number, after) > 0))
                .OrderBy(saga => saga.Key.Namespace, StringComparer.Ordinal)
                .ThenBy(saga => saga.Number)
                .Take(limit)
                .Select(saga => new DueSaga(saga.Key, saga.Number, null, saga.Plan)),
        ];

    public SagaCounts Count(SagaPartition partition, int limit)
    {
        var rows = _unfinished.Values.Where(saga => partition.Holds(saga.Number)).Select(saga => saga.Row).ToList();
        long Count(Func<SagaRow, bool> which) => Math.Min(limit, rows.Count(which));
        return new SagaCounts(
            Count(row => row.WakeAt is not null),
            Count(row => row.Status == SagaStatus.Stuck),
            Count(row => row.Status == SagaStatus.Held)
        );
    }

    public int Purge(DateTimeOffset endedBefore, DateTimeOffset now, int limit)
    {
        var ended = _byNumber
            .Values.Where(saga => saga.Row.EndedAt < endedBefore)
            .OrderBy(saga => saga.Row.EndedAt)
            .ThenBy(saga => saga.Number)
            .Take(limit)
            .ToList();
        foreach (var saga in ended)
        {
            foreach (var request in RequestsOf(saga))
                request.ExpiresAt ??= saga.RequestsExpireAt;
            _ = _sagas.Remove(saga.Key);
            _ = _byNumber.Remove(saga.Number);
        }

        foreach (var (name, request) in _requests.Where(request => FindRequest(request.Key, now) is null).Take(limit).ToList())
            _ = _requests.Remove(name);
        return ended.Count;
    }

    /// <summary>All sagas that are stored, oldest start first.</summary>
    public IEnumerable<StoredSaga> All() =>
        _byNumber.Values.Select(saga => new StoredSaga(saga.Key, saga.Number, saga.Identity, saga.Row, saga.Entries));

    private static int Order(SagaKey key, long number, DueSaga other) =>
        string.CompareOrdinal(key.Namespace, other.Key.Namespace) is var order and not 0 ? order : number.CompareTo(other.Number);

    private bool GuardHolds(SagaCommit commit, out MemorySaga? saga)
    {
        var exists = _sagas.TryGetValue(commit.Saga, out saga);
        return commit.Number is { } number ? exists && saga!.Number == number && saga.Entries.Count == commit.ExpectedRevision : !exists;
    }

    private IEnumerable<MemoryRequest> RequestsOf(MemorySaga saga) =>
        _requests
            .Where(request => request.Key.Namespace == saga.Key.Namespace && request.Value.Request.Saga == saga.Key.Id)
            .Select(request => request.Value);

    private sealed class MemoryRequest(StoredRequest request)
    {
        public StoredRequest Request { get; } = request;

        /// <summary>When it expires where its saga is gone; until then the saga says so.</summary>
        public DateTimeOffset? ExpiresAt { get; set; }
    }
}
