using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansSagas.Execution;
using OrleansSagas.History;
using OrleansSagas.Payloads;
using OrleansSagas.Storage;

namespace OrleansSagas.Testing;

/// <summary>Reads sagas from the disk itself: also while the process is down, and while the store cannot be reached.</summary>
internal sealed class StoreInspector(MemoryTables disk, SagaCatalog catalog, VirtualTime time)
{
    private const int LastEntries = 8;

    /// <summary>What reads the data; that of the life that runs.</summary>
    public IPayloadCodec Codec { get; set; } = new IdentityPayloadCodec();

    /// <summary>The saga as it is on the disk; null if there is none.</summary>
    public SagaView? View(SagaKey saga)
    {
        StoredSaga? stored;
        IReadOnlyList<StoredEntry> entries;
        lock (disk)
        {
            stored = disk.Load(saga);
            entries = disk.ReadHistory(saga, 0, int.MaxValue) ?? [];
        }

        if (stored is null)
            return null;
        try
        {
            return SagaViews.Of(catalog, SagaEventFormat.Fold(saga, null, entries), stored.Row, Codec, time.GetUtcNow());
        }
        catch (UnreadableHistoryException exception)
        {
            return SagaViews.OfUnreadable(stored, exception.Message);
        }
    }

    /// <summary>The saga as it is on the disk where it has ended; null where it has not.</summary>
    public SagaView? Ended(SagaKey saga)
    {
        lock (disk)
            if (disk.Load(saga) is not { Row.EndedAt: not null })
                return null;
        return View(saga);
    }

    /// <summary>The number of the saga's last entry; 0 where there is none.</summary>
    public long Revision(SagaKey saga)
    {
        lock (disk)
            return disk.RevisionOf(saga);
    }

    /// <summary>What a person needs to know of a saga when a test fails.</summary>
    public string Describe(SagaKey saga)
    {
        if (View(saga) is not { } view)
            return $"There is no saga '{saga.Id}'.";
        var text = new StringBuilder(SagaReport.Of(view)).AppendLine();
        lock (disk)
        {
            var last = disk.ReadHistory(saga, Math.Max(0, view.Revision - LastEntries), LastEntries)!;
            text.AppendLine(CultureInfo.InvariantCulture, $"Its last {last.Count} of {view.Revision} entries:");
            foreach (var entry in last)
                text.AppendLine(
                    $"  {entry.Revision, 3}  {entry.At:yyyy-MM-dd HH:mm:ss.fff}  {entry.Name} {Readable(entry.Body)}".TrimEnd()
                );
        }

        return text.ToString().TrimEnd();
    }

    private static string Readable(ReadOnlyMemory<byte> body) =>
        body.IsEmpty ? "" : JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(body.Span), ForPeople);

    private static readonly JsonSerializerOptions ForPeople = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
