using System.Threading.Tasks.Sources;

namespace OrleansSagas.Storage.Sqlite.Writing;

/// <summary>The way back from the writer's thread to the batching loop; used again for each batch.</summary>
internal sealed class BatchAnswer : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };

    internal ValueTask Begin()
    {
        _source.Reset();
        return new(this, _source.Version);
    }

    internal void Complete() => _source.SetResult(true);

    public void GetResult(short token) => _source.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
