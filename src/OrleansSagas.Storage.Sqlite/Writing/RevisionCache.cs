namespace OrleansSagas.Storage.Sqlite.Writing;

/// <summary>
/// The last revisions of the sagas that were written a moment ago: nobody else writes, so the guard need not ask the file.
/// </summary>
internal sealed class RevisionCache
{
    private const int Count = 16 * 1024;

    private readonly (long Saga, long Revision)[] _slots = new (long, long)[Count];

    internal bool TryGet(long saga, out long revision)
    {
        ref readonly var slot = ref Slot(saga);
        revision = slot.Revision;
        return slot.Saga == saga;
    }

    internal void Set(long saga, long revision) => Slot(saga) = (saga, revision);

    internal void Clear() => Array.Clear(_slots);

    private ref (long Saga, long Revision) Slot(long saga) => ref _slots[saga & (Count - 1)];
}
