namespace OrleansSagas.Bench.Raw;

/// <summary>The rows of one transaction. On the thread pool it tells their callers, one after the other.</summary>
/// <remarks>One work item for all of them, so that the writer's thread queues once per transaction and not once per row.</remarks>
internal sealed class RawBatch(Action<RawBatch> free) : IThreadPoolWorkItem
{
    private RawSaga[] _rows = new RawSaga[256];
    private int _count;
    private Exception? _error;

    /// <summary>The rows.</summary>
    public ReadOnlySpan<RawSaga> Rows => _rows.AsSpan(0, _count);

    /// <summary>Adds a row.</summary>
    public void Add(RawSaga row)
    {
        if (_count == _rows.Length)
            Array.Resize(ref _rows, _count * 2);
        _rows[_count++] = row;
    }

    /// <summary>Lets the callers go on: <paramref name="error"/> is why their rows are not durable.</summary>
    public void Complete(Exception? error)
    {
        _error = error;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <inheritdoc />
    void IThreadPoolWorkItem.Execute()
    {
        foreach (var row in Rows)
            row.Complete(_error);
        Array.Clear(_rows, 0, _count);
        _count = 0;
        _error = null;
        free(this);
    }
}
