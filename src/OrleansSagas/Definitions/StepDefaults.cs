namespace OrleansSagas;

/// <summary>What holds for each step of a saga that does not say otherwise itself.</summary>
public sealed class StepDefaults
{
    internal StepDefaults() { }

    internal StepPolicies Policies { get; private set; } = new();

    /// <summary>How often an action is tried. Default: <see cref="RetryPolicy.Default"/>.</summary>
    public StepDefaults Retry(RetryPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Policies = Policies with { Retry = policy };
        return this;
    }

    /// <summary>How often an undo is tried; then the saga is stuck. Default: <see cref="RetryPolicy.DefaultUndo"/>.</summary>
    public StepDefaults UndoRetry(RetryPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Policies = Policies with { UndoRetry = policy };
        return this;
    }

    /// <summary>How long one attempt may take, up to one day. Default: 30 seconds.</summary>
    public StepDefaults Timeout(TimeSpan timeout)
    {
        Policies = Policies with { Timeout = timeout };
        return this;
    }

    /// <summary>How long one attempt of an undo may take, up to one day. Default: as the step's action.</summary>
    public StepDefaults UndoTimeout(TimeSpan timeout)
    {
        Policies = Policies with { UndoTimeout = timeout };
        return this;
    }
}
