using System.Text.Json.Serialization;

namespace OrleansSagas;

/// <summary>Why a saga stopped going forward.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SagaEndReason>))]
public enum SagaEndReason
{
    /// <summary>A step failed for good.</summary>
    Failed = 0,

    /// <summary>Someone cancelled the saga.</summary>
    Cancelled = 1,

    /// <summary>The saga's deadline passed.</summary>
    Deadline = 2,

    /// <summary>An operator terminated the saga.</summary>
    Terminated = 3,
}
