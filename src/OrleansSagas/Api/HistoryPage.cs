using OrleansSagas.Execution;
using OrleansSagas.Payloads;
using OrleansSagas.Storage;

namespace OrleansSagas;

/// <summary>Entries of a history up to a number of bytes; a single one may have more.</summary>
internal sealed class HistoryPage(int most)
{
    private int _left = most;

    public Queue<SagaHistoryEntry> Entries { get; } = [];

    /// <summary>The revision of the last entry; null while there is none.</summary>
    public long? LastRevision { get; private set; }

    /// <summary>Adds what there is room for; false if that is not all.</summary>
    public bool TryAdd(IReadOnlyList<StoredEntry> read, IPayloadCodec codec)
    {
        foreach (var entry in read)
        {
            var size = entry.Body.Length + (entry.Data?.Bytes.Length ?? 0);
            if (size > _left && Entries.Count > 0)
                return false;
            _left -= size;
            Entries.Enqueue(SagaViews.Of(entry, codec));
            LastRevision = entry.Revision;
        }
        return true;
    }
}
