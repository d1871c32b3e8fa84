using OrleansSagas.Payloads;

namespace OrleansSagas.Storage;

/// <summary>One entry of a saga's history in its stored form.</summary>
internal sealed record StoredEntry
{
    /// <summary>The entry's number in its saga, counted from 1 without gaps.</summary>
    public required long Revision { get; init; }

    /// <summary>What happened: a short stable name, never a CLR name; at most 64 ASCII characters.</summary>
    public required string Name { get; init; }

    /// <summary>The version of the body's format, from 1.</summary>
    public required int Format { get; init; }

    /// <summary>When it happened, to the millisecond.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The commit that wrote it.</summary>
    public required CommitId Commit { get; init; }

    /// <summary>Who did it; null when it was the engine.</summary>
    public string? Actor { get; init; }

    /// <summary>The request that caused it; null when none did.</summary>
    public string? CausationId { get; init; }

    /// <summary>The W3C trace parent of what caused it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>What it says: a JSON object in UTF-8; empty for <c>{}</c>.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The saga's data after it; null where it did not change.</summary>
    public Payload? Data { get; init; }
}
