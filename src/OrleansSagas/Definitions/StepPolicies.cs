namespace OrleansSagas;

/// <summary>How a step is tried; null where nothing is said.</summary>
internal sealed record StepPolicies
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(1);

    public RetryPolicy? Retry { get; init; }

    public RetryPolicy? UndoRetry { get; init; }

    public TimeSpan? Timeout { get; init; }

    public TimeSpan? UndoTimeout { get; init; }

    /// <summary>What these leave open is as <paramref name="defaults"/> say.</summary>
    public StepPolicies Or(StepPolicies defaults) =>
        new()
        {
            Retry = Retry ?? defaults.Retry,
            UndoRetry = UndoRetry ?? defaults.UndoRetry,
            Timeout = Timeout ?? defaults.Timeout,
            UndoTimeout = UndoTimeout ?? defaults.UndoTimeout,
        };

    public string? Fault() =>
        Timeout <= TimeSpan.Zero || Timeout > LongestTimeout ? "its timeout must be longer than zero and at most one day"
        : UndoTimeout <= TimeSpan.Zero || UndoTimeout > LongestTimeout ? "its undo's timeout must be longer than zero and at most one day"
        : Retry?.Fault() is { } retry ? $"its retry policy {retry}"
        : UndoRetry?.Fault() is { } undoRetry ? $"its undo's retry policy {undoRetry}"
        : null;
}
