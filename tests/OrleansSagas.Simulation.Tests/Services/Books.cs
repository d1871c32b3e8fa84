using OrleansSagas.Simulation.Tests.Worlds;

namespace OrleansSagas.Simulation.Tests.Services;

/// <summary>
/// What the services have really done, by the idempotency key of the action. They keep the contract: the same key twice is one effect, and
/// a key whose undo came first is barred.
/// </summary>
internal sealed class Books(World world)
{
    private readonly Dictionary<string, Entry> _entries = [];

    /// <summary>An action arrives. It is done once; false when it is barred.</summary>
    public bool Do(string key)
    {
        var entry = EntryOf(key);
        if (world.Traces)
            world.Say("service", $"{key} arrives: {(entry.IsBarred ? "barred" : entry.IsDone ? "done already" : "done")}");
        if (entry.IsBarred)
            return false;
        entry.IsDone = true;
        return true;
    }

    /// <summary>An undo arrives: what was done is taken back, and what comes later is refused.</summary>
    public void Undo(string actionKey)
    {
        var entry = EntryOf(actionKey);
        if (world.Traces)
            world.Say("service", $"the undo of {actionKey} arrives: {(entry.IsDone ? "taken back" : "nothing to take back")}");
        entry.WasUndone |= entry.IsDone;
        entry.IsDone = false;
        entry.IsBarred = true;
    }

    /// <summary>Whether the effect is there now.</summary>
    public bool IsDone(string actionKey) => _entries.TryGetValue(actionKey, out var entry) && entry.IsDone;

    /// <summary>Whether the effect was there and was taken back.</summary>
    public bool WasUndone(string actionKey) => _entries.TryGetValue(actionKey, out var entry) && entry.WasUndone;

    private Entry EntryOf(string key)
    {
        if (!_entries.TryGetValue(key, out var entry))
            _entries.Add(key, entry = new Entry());
        return entry;
    }

    private sealed class Entry
    {
        public bool IsDone { get; set; }

        public bool IsBarred { get; set; }

        public bool WasUndone { get; set; }
    }
}
