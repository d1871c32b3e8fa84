namespace OrleansSagas.Tests.Client;

/// <summary>Gives some bytes, then ends, fails or hangs.</summary>
internal sealed class CutStream(ReadOnlyMemory<byte> bytes, Exception? cut) : MemoryStream(bytes.ToArray())
{
    private readonly TaskCompletionSource _hanging = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool ThenHangs { get; init; }

    public Task Hanging => _hanging.Task;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await base.ReadAsync(buffer, cancellationToken);
        if (read > 0)
            return read;
        if (ThenHangs)
        {
            _hanging.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
        return cut is null ? 0 : throw cut;
    }
}
