using System.Collections.Concurrent;

namespace OrleansSagas.Bench.Peers;

/// <summary>The requests that wait for their sagas' ends.</summary>
public sealed class WaitingCallers
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<OrderView>> _waiting = new();

    /// <summary>What is answered when the saga <paramref name="id"/> has ended; to be called before it is started.</summary>
    public Task<OrderView> WaitForAsync(string id) =>
        _waiting.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Tells whoever waits for this saga.</summary>
    public void Tell(OrderView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (_waiting.TryRemove(view.Id, out var caller))
            caller.SetResult(view);
    }
}
