using System.Text.Json.Serialization;

namespace OrleansSagas;

/// <summary>Where one step of a saga stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepStatus>))]
public enum StepStatus
{
    /// <summary>Not started.</summary>
    Pending = 0,

    /// <summary>An attempt may be under way.</summary>
    Running = 1,

    /// <summary>An attempt failed; the next one is due at <see cref="StepView.NextAttemptAt"/>.</summary>
    Retrying = 2,

    /// <summary>Done.</summary>
    Succeeded = 3,

    /// <summary>Given up; it is known that nothing was done.</summary>
    Rejected = 4,

    /// <summary>Given up; whether it took effect is not known.</summary>
    Uncertain = 5,

    /// <summary>Its undo may be under way.</summary>
    Undoing = 6,

    /// <summary>Undone.</summary>
    Undone = 7,

    /// <summary>Its undo failed for good: an operator must retry, skip or resolve it.</summary>
    UndoFailed = 8,

    /// <summary>An operator skipped its undo: what it did stands.</summary>
    UndoSkipped = 9,

    /// <summary>An operator undid it by other means.</summary>
    UndoResolved = 10,
}
