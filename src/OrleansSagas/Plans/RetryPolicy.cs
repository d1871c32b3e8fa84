using System.Collections.Immutable;

namespace OrleansSagas;

/// <summary>How often a step is tried, and how long to wait in between: exponential backoff with full jitter.
/// The pause before attempt n+1 lies between zero and <c>min(MaxDelay, Delay * Factor^(n-1))</c>.</summary>
public sealed record RetryPolicy
{
    /// <summary>What a step's action gets where nothing else is said: 5 attempts, 1 second, doubled, at most 1 minute.</summary>
    public static RetryPolicy Default { get; } = new();

    /// <summary>What a step's undo gets where nothing else is said: 10 attempts, 1 second, doubled, at most 1 minute.</summary>
    public static RetryPolicy DefaultUndo { get; } = new() { MaxAttempts = 10 };

    /// <summary>One attempt only.</summary>
    public static RetryPolicy None { get; } = new() { MaxAttempts = 1 };

    /// <summary>How many attempts there are at most, 1 or more; null for no maximum. Default: 5.</summary>
    public int? MaxAttempts { get; init; } = 5;

    /// <summary>The longest pause after the first attempt. Default: 1 second.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What the longest pause is multiplied with after each further attempt, 1 or more. Default: 2.</summary>
    public double Factor { get; init; } = 2;

    /// <summary>What no pause exceeds. Default: 1 minute.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Exceptions, by type or by name and with those derived from them, after which another attempt is not worth it. The step is uncertain
    /// then: only <see cref="StepRejectedException"/> says that nothing was done. Default: none.
    /// </summary>
    public ImmutableArray<ErrorName> NonRetryableErrors { get; init; } = [];

    /// <summary>Whether there may be an attempt after <paramref name="attempt"/> attempts.</summary>
    public bool AllowsAfter(int attempt) => MaxAttempts is not { } maximum || attempt < maximum;

    internal string? Fault() =>
        MaxAttempts < 1 ? "allows no attempt: MaxAttempts must be 1 or more, or null for no maximum"
        : Delay < TimeSpan.Zero || MaxDelay < Delay ? "needs 0 <= Delay <= MaxDelay"
        : MaxDelay > TimeSpan.FromDays(365) ? "waits longer than a year: MaxDelay must be at most 365 days"
        : !(Factor is >= 1 and <= 100) ? "needs a Factor from 1 to 100"
        : NonRetryableErrors.IsDefault ? "has no NonRetryableErrors: leave it empty for none"
        : NonRetryableErrors.Select(error => error.Fault()).FirstOrDefault(fault => fault is not null);
}
