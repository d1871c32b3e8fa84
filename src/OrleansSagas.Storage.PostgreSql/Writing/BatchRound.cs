using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>Which of a batch's commits go into the next transaction: no two of one saga or one request key, and not too many bytes.
/// Those that are left wait for the round after it; both is rare.</summary>
internal sealed class BatchRound
{
    private const int MaxBytes = 16 << 20;

    private readonly HashSet<SagaKey> _sagas = [];
    private readonly HashSet<RequestKey> _requests = [];
    private readonly List<int> _open = [];
    private readonly List<int> _chosen = [];

    /// <summary>The positions of those that were chosen.</summary>
    internal IReadOnlyList<int> Chosen => _chosen;

    internal bool IsOver => _open.Count == 0;

    /// <summary>How many may be chosen at most.</summary>
    internal int MaxCount { get; set; } = int.MaxValue;

    internal void Begin(int count)
    {
        _open.Clear();
        for (var i = 0; i < count; i++)
            _open.Add(i);
        MaxCount = int.MaxValue;
    }

    /// <summary>Chooses, in an order that is the same for every engine, so that two of them do not wait for each other.</summary>
    internal void Choose(CommitBatch batch)
    {
        _sagas.Clear();
        _requests.Clear();
        _chosen.Clear();
        var bytes = 0L;
        foreach (var at in _open)
        {
            var commit = batch[at];
            var isFree = _sagas.Add(commit.Saga);
            if (commit.Request is { } request)
                isFree &= _requests.Add(request.Key);
            if (!isFree)
                continue;
            bytes += Size(commit);
            if (_chosen.Count > 0 && (bytes > MaxBytes || _chosen.Count >= MaxCount))
                break;
            _chosen.Add(at);
        }

        if (_chosen.Count > 1)
            _chosen.Sort((a, b) => Compare(batch, a, b));
    }

    internal void Answered(int at) => _open.Remove(at);

    /// <summary>All that were chosen are answered.</summary>
    internal void Answered()
    {
        if (_chosen.Count == _open.Count)
            _open.Clear();
        else
            _open.RemoveAll(_chosen.Contains);
    }

    internal IEnumerable<int> Open => _open;

    private static int Compare(CommitBatch batch, int a, int b)
    {
        var order = Nullable.Compare(batch[a].Number, batch[b].Number);
        return order != 0 ? order : a.CompareTo(b);
    }

    private static long Size(SagaCommit commit)
    {
        long size = commit.Row?.Snapshot?.Length ?? 0;
        for (var i = 0; i < commit.Entries.Count; i++)
            size += commit.Entries[i].Body.Length + (commit.Entries[i].Data?.Bytes.Length ?? 0);
        return size;
    }
}
