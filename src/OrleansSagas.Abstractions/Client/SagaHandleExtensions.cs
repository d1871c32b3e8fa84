namespace OrleansSagas;

/// <summary>The operator's verbs, each as a method of its own. They throw what <see cref="ISagaHandle.ActAsync"/> throws.</summary>
public static class SagaHandleExtensions
{
    /// <summary>Stops going forward and undoes what was done. The undoing goes on after this comes back.</summary>
    public static Task<SagaView> CancelAsync(
        this ISagaHandle saga,
        string? reason = null,
        string? actor = null,
        CancellationToken cancellationToken = default
    ) => saga.AskAsync(OperatorAction.Cancel, reason, actor, null, cancellationToken);

    /// <summary>Stops the saga as it is; nothing is undone.</summary>
    public static Task<SagaView> TerminateAsync(
        this ISagaHandle saga,
        string? reason = null,
        string? actor = null,
        CancellationToken cancellationToken = default
    ) => saga.AskAsync(OperatorAction.Terminate, reason, actor, null, cancellationToken);

    /// <summary>Starts nothing new until resumed. What runs is let finish; the deadline goes on.</summary>
    public static Task<SagaView> PauseAsync(
        this ISagaHandle saga,
        string? reason = null,
        string? actor = null,
        CancellationToken cancellationToken = default
    ) => saga.AskAsync(OperatorAction.Pause, reason, actor, null, cancellationToken);

    /// <summary>Goes on after a pause.</summary>
    public static Task<SagaView> ResumeAsync(
        this ISagaHandle saga,
        string? reason = null,
        string? actor = null,
        CancellationToken cancellationToken = default
    ) => saga.AskAsync(OperatorAction.Resume, reason, actor, null, cancellationToken);

    /// <summary>Tries an undo that failed for good once more; <paramref name="step"/> defaults to the one that is stuck.</summary>
    public static Task<SagaView> RetryAsync(
        this ISagaHandle saga,
        string? reason = null,
        string? step = null,
        string? actor = null,
        CancellationToken cancellationToken = default
    ) => saga.AskAsync(OperatorAction.Retry, reason, actor, step, cancellationToken);

    /// <summary>
    /// Leaves the effect of a step whose undo failed for good, and goes on undoing the rest; <paramref name="step"/> defaults to the one
    /// that is stuck.
    /// </summary>
    public static Task<SagaView> SkipAsync(
        this ISagaHandle saga,
        string reason,
        string? step = null,
        string? actor = null,
        CancellationToken cancellationToken = default
    ) => saga.AskAsync(OperatorAction.Skip, reason, actor, step, cancellationToken);

    /// <summary>
    /// Notes that the effect of a step whose undo failed for good was undone by other means; <paramref name="step"/> defaults to the one
    /// that is stuck.
    /// </summary>
    public static Task<SagaView> ResolveAsync(
        this ISagaHandle saga,
        string reason,
        string? step = null,
        string? actor = null,
        CancellationToken cancellationToken = default
    ) => saga.AskAsync(OperatorAction.Resolve, reason, actor, step, cancellationToken);

    private static Task<SagaView> AskAsync(
        this ISagaHandle saga,
        OperatorAction verb,
        string? reason,
        string? actor,
        string? step,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(saga);
        return saga.ActAsync(
            verb,
            new OperatorRequest
            {
                Reason = reason,
                Actor = actor,
                Step = step,
            },
            null,
            cancellationToken
        );
    }
}
