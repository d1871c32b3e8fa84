namespace OrleansSagas.Telemetry;

/// <summary>What becomes of an answer that came too late.</summary>
internal enum LateAnswer
{
    /// <summary>It did not matter any more.</summary>
    Dropped,

    /// <summary>It was a success: its step is undone once more.</summary>
    Undone,

    /// <summary>It was a success, and came after the end of its saga: what it did stands, and a person must see to it.</summary>
    Stands,
}
