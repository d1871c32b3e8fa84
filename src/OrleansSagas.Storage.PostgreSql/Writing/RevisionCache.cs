namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>
/// The last revisions of the sagas that the one writer of a Local engine wrote a moment ago: nobody else writes, so the server need not
/// look the guard up. Where somebody did write, by hand, the history's unique index says so.
/// </summary>
internal sealed class RevisionCache
{
    private const int Count = 16 * 1024;

    private readonly (long Saga, long Revision)[] _slots = new (long, long)[Count];

    internal bool Holds(long saga, long revision) => _slots[saga & (Count - 1)] == (saga, revision);

    /// <summary>A saga that ended may be purged by anybody at any time, so it is not remembered.</summary>
    internal void Set(long saga, long revision, bool ended) => _slots[saga & (Count - 1)] = ended ? default : (saga, revision);

    internal void Clear() => Array.Clear(_slots);
}
