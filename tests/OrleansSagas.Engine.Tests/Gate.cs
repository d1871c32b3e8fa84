namespace OrleansSagas.Engine.Tests;

/// <summary>A place where code under test arrives and waits until the test lets it go.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Entered => _entered.Task.WaitAsync(TimeSpan.FromMinutes(1));

    public bool IsEntered => _entered.Task.IsCompleted;

    public void Open() => _opened.TrySetResult();

    public Task PassAsync(CancellationToken cancellation = default)
    {
        _entered.TrySetResult();
        return _opened.Task.WaitAsync(cancellation);
    }
}
