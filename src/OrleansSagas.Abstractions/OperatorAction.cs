using System.Text.Json.Serialization;

namespace OrleansSagas;

/// <summary>What an operator can do to a saga.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OperatorAction>))]
public enum OperatorAction
{
    /// <summary>Stop going forward and undo what was done.</summary>
    Cancel = 0,

    /// <summary>Stop as it is; nothing is undone.</summary>
    Terminate = 1,

    /// <summary>Start nothing new until resumed. What runs is let finish; the deadline goes on.</summary>
    Pause = 2,

    /// <summary>Go on after a pause.</summary>
    Resume = 3,

    /// <summary>Try an undo that failed for good once more.</summary>
    Retry = 4,

    /// <summary>Leave the effect of a step whose undo failed for good, and go on undoing the rest.</summary>
    Skip = 5,

    /// <summary>Note that the effect of a step whose undo failed for good was undone by other means.</summary>
    Resolve = 6,
}
