namespace OrleansSagas.Storage;

/// <summary>
/// A saga's searchable row: what people and the engine find it by. It is written when one of these changes, not at every step.
/// </summary>
internal sealed record SagaRow
{
    /// <summary>Where the saga stands.</summary>
    public required SagaStatus Status { get; init; }

    /// <summary>Why it stopped going forward; null while it goes forward.</summary>
    public SagaEndReason? Reason { get; init; }

    /// <summary>
    /// The engine's life that holds the saga in memory; null while nobody does. In a row that says <see cref="SagaStatus.Held"/>:
    /// <see cref="Incarnation.Dead"/> where the last one died.
    /// </summary>
    public Incarnation? Owner { get; init; }

    /// <summary>When the saga must be loaded again; null for never, and while someone holds it.</summary>
    public DateTimeOffset? WakeAt { get; init; }

    /// <summary>When the saga ended; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why the saga cannot be loaded here; null when it can.</summary>
    public string? Problem { get; init; }

    /// <summary>At most 16 tags, in ordinal order of their names; names of 1 to 64 and values of 0 to 256 characters.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <summary>
    /// The state after the entry <see cref="SnapshotRevision"/>, for long sagas; null for none. A cache: the history is the truth.
    /// </summary>
    public ReadOnlyMemory<byte>? Snapshot { get; init; }

    /// <summary>The revision that <see cref="Snapshot"/> stands at; 0 without one.</summary>
    public long SnapshotRevision { get; init; }
}
