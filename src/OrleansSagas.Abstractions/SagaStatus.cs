using System.Text.Json.Serialization;

namespace OrleansSagas;

/// <summary>
/// Where a saga stands. <see cref="Completed"/> to <see cref="Terminated"/> are terminal: nothing changes such a saga any more. The numbers
/// are stored.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<SagaStatus>))]
public enum SagaStatus
{
    /// <summary>Steps are being done; a pause between two attempts counts as running.</summary>
    Running = 0,

    /// <summary>Nothing runs until a timer, a signal, an approval or a child comes.</summary>
    Waiting = 1,

    /// <summary>What was done is being undone, in reverse order.</summary>
    Compensating = 2,

    /// <summary>An operator paused the saga; nothing new starts until it is resumed.</summary>
    Paused = 3,

    /// <summary>The saga cannot go on by itself: an undo failed for good.</summary>
    Stuck = 4,

    /// <summary>Every step was done.</summary>
    Completed = 5,

    /// <summary>The saga failed, and what it had done was undone.</summary>
    Compensated = 6,

    /// <summary>The saga failed, and there was nothing to undo.</summary>
    Failed = 7,

    /// <summary>The saga was cancelled, and what it had done was undone.</summary>
    Cancelled = 8,

    /// <summary>An operator stopped the saga as it was; nothing was undone.</summary>
    Terminated = 9,

    /// <summary>
    /// The saga cannot go on here: no process that runs has its definition, or its history cannot be read. It goes on when a process starts
    /// that can.
    /// </summary>
    Held = 10,
}
