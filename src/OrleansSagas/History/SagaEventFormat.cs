using System.Collections.Concurrent;
using System.Text.Json;
using OrleansSagas.Decisions;
using OrleansSagas.Storage;

namespace OrleansSagas.History;

/// <summary>
/// The stored form of what happened, by the table of <see cref="EventTypes"/>. An unknown entry is refused, never skipped.
/// </summary>
internal static class SagaEventFormat
{
    private const int MaxCommonBodies = 10_000;

    private static readonly ConcurrentDictionary<(string, int), byte[]> CommonBodies = new();

    /// <summary>The name under which <paramref name="what"/> is stored.</summary>
    public static string NameOf(SagaEvent what) => EventTypes.Of(what).Name;

    /// <summary>Makes the stored entry.</summary>
    public static StoredEntry Write(
        SagaEvent what,
        long revision,
        DateTimeOffset at,
        CommitId commit,
        string? actor,
        string? causationId,
        string? traceParent
    )
    {
        var type = EventTypes.Of(what);
        return new()
        {
            Revision = revision,
            Name = type.Name,
            Format = type.Format,
            At = at,
            Commit = commit,
            Actor = actor,
            CausationId = causationId,
            TraceParent = traceParent,
            Body = what is SagaEvent.StepSucceeded or SagaEvent.UndoSucceeded or SagaEvent.Ended { Note: null }
                ? CommonBodyOf(type, what)
                : type.WriteBody(what),
            Data = type.DataOf(what),
        };
    }

    /// <summary>Reads a stored entry.</summary>
    /// <exception cref="UnreadableHistoryException">Its name or format is not known here, or its body is damaged.</exception>
    public static SagaEvent Read(SagaKey saga, StoredEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var type =
            EventTypes.Find(entry.Name) ?? throw new UnreadableHistoryException(saga, entry.Revision, $"'{entry.Name}' is not known here");
        if (entry.Format < 1 || entry.Format > type.Format)
            throw new UnreadableHistoryException(
                saga,
                entry.Revision,
                $"'{entry.Name}' has format {entry.Format}, which is not known here"
            );
        try
        {
            return type.Read(saga, entry);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            throw new UnreadableHistoryException(saga, entry.Revision, $"the body of '{entry.Name}' is damaged or newer", exception);
        }
    }

    /// <summary>Folds a stored history.</summary>
    /// <exception cref="UnreadableHistoryException">
    /// An entry cannot be read, is missing, or does not follow from those before it.
    /// </exception>
    public static SagaState Fold(SagaKey saga, SagaState? from, IReadOnlyList<StoredEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var state = from;
        foreach (var entry in entries)
        {
            var expected = (state?.Revision ?? 0) + 1;
            var what = Read(saga, entry);
            if (entry.Revision != expected || what is SagaEvent.Started != (expected == 1))
                throw new UnreadableHistoryException(saga, entry.Revision, $"entry {expected} is missing or out of place");
            state = SagaDecider.Evolve(state, what, entry.At);
        }

        return state ?? throw new UnreadableHistoryException(saga, 0, "it is empty");
    }

    /// <summary>The bodies of what happens in every saga are a few, over and over: they are made once.</summary>
    private static byte[] CommonBodyOf(EventType type, SagaEvent what)
    {
        var key = what switch
        {
            SagaEvent.StepSucceeded done => (done.Path.Value, done.Attempt),
            SagaEvent.UndoSucceeded undone => (undone.Path.Value, undone.Attempt),
            _ => ("", (int)((SagaEvent.Ended)what).Status),
        };
        if (CommonBodies.TryGetValue(key, out var body))
            return body;
        body = type.WriteBody(what);
        if (CommonBodies.Count < MaxCommonBodies)
            CommonBodies.TryAdd(key, body);
        return body;
    }
}
