namespace OrleansSagas.Storage;

/// <summary>
/// The last revisions of the sagas that the one writer of an engine wrote a moment ago: nobody else writes, so the guard need not be read.
/// </summary>
internal sealed class RevisionCache
{
    private const int Count = 16 * 1024;

    // Sagas are numbered from 1.
    private readonly (long Saga, long Revision)[] _slots = new (long, long)[Count];

    /// <summary>The revision that <paramref name="saga"/> stands at; null where it is not remembered.</summary>
    internal long? Find(long saga)
    {
        ref readonly var slot = ref Slot(saga);
        return slot.Saga == saga ? slot.Revision : null;
    }

    internal void Set(long saga, long revision) => Slot(saga) = (saga, revision);

    internal void Remove(long saga) => Slot(saga) = default;

    internal void Clear() => Array.Clear(_slots);

    private ref (long Saga, long Revision) Slot(long saga) => ref _slots[saga & (Count - 1)];
}
