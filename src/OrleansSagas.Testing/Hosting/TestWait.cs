namespace OrleansSagas.Testing;

/// <summary>
/// Something that is waited for: time until it passes, or a condition until it holds. While it waits, the clock may move up to its end.
/// </summary>
internal sealed class TestWait
{
    private readonly TaskCompletionSource<SagaView?> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>When it ends at the latest, in the clock's timestamp.</summary>
    public required long Until { get; init; }

    /// <summary>Whether what is waited for has come, and the view that shows it; null for time alone.</summary>
    public Func<(bool Holds, SagaView? View)>? Condition { get; init; }

    /// <summary>The saga whose commits may make the condition hold; null where it is looked at whenever nothing else happens.</summary>
    public SagaKey? Saga { get; init; }

    /// <summary>What is said when it ends in vain, given what stands in the way beside time, if anything.</summary>
    public Func<string, Exception>? InVain { get; init; }

    public bool IsDone => _source.Task.IsCompleted;

    /// <summary>Whether the condition has held; it is told when nothing else happens at this time.</summary>
    public bool HasHeld { get; private set; }

    public Task<SagaView?> Task => _source.Task;

    private SagaView? View { get; set; }

    /// <summary>Looks whether the condition holds.</summary>
    public void Look()
    {
        if (HasHeld || IsDone || Condition is null)
            return;
        try
        {
            (HasHeld, View) = Condition();
        }
        catch (Exception exception)
        {
            // The condition is the test's own code: its failure is the test's.
            _source.TrySetException(exception);
        }
    }

    public void Succeed() => _source.TrySetResult(View);

    public void Fail(Exception exception) => _source.TrySetException(exception);

    public void Cancel(CancellationToken cancellation) => _source.TrySetCanceled(cancellation);
}
