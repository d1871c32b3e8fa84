using System.Threading.Tasks.Sources;

namespace OrleansSagas.Bench.Raw;

/// <summary>
/// One saga's next row, and what its caller awaits. It has one row under way at a time, so it is reused row by row and saga by saga.
/// </summary>
internal sealed class RawSaga : IValueTaskSource
{
    private readonly byte[] _id = new byte[36];
    private ManualResetValueTaskSourceCore<bool> _written;

    /// <summary>The saga's id, ASCII.</summary>
    public ReadOnlySpan<byte> Id => _id;

    /// <summary>The number of the row, counted from 1.</summary>
    public int Revision { get; private set; }

    /// <summary>The row's payload.</summary>
    public ReadOnlyMemory<byte> Payload { get; private set; }

    /// <summary>Becomes another saga.</summary>
    public void Renew()
    {
        // Ids that rise with time, as the engine's do: the rows of live sagas stay together in the tree.
        _ = Guid.CreateVersion7().TryFormat(_id, out _);
        Revision = 0;
    }

    /// <summary>Writes the next row; done when it is durable.</summary>
    public ValueTask AppendAsync(RawWriter writer, ReadOnlyMemory<byte> payload)
    {
        _written.Reset();
        Revision++;
        Payload = payload;
        var written = new ValueTask(this, _written.Version);
        writer.Add(this);
        return written;
    }

    /// <summary>Tells the caller that the row is durable, or why it is not; the caller goes on in place.</summary>
    public void Complete(Exception? error)
    {
        if (error is null)
            _written.SetResult(true);
        else
            _written.SetException(error);
    }

    /// <inheritdoc />
    void IValueTaskSource.GetResult(short token) => _written.GetResult(token);

    /// <inheritdoc />
    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _written.GetStatus(token);

    /// <inheritdoc />
    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _written.OnCompleted(continuation, state, token, flags);
}
