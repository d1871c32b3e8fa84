using System.Threading.Channels;
using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.Commits;

/// <summary>A writer that finishes a batch when the test says so.</summary>
internal sealed class StepwiseWriter : IBatchWriter
{
    private readonly Channel<long[]> _batches = Channel.CreateUnbounded<long[]>();
    private TaskCompletionSource? _finished;
    private CommitBatch? _batch;
    private bool _finishAll;

    public bool IsUnavailable { get; set; }

    /// <summary>Whether it takes the next batch itself where it can.</summary>
    public bool TurnsOver { get; init; }

    public int Calls { get; private set; }

    public async ValueTask WriteAsync(CommitBatch batch)
    {
        Calls++;
        do await WriteOneAsync(batch);
        while (TurnsOver && batch.TryTakeNextBatch());
    }

    /// <summary>The ids of the commits in the batch that was handed over.</summary>
    public async Task<IEnumerable<long>> NextBatchAsync() => await _batches.Reader.ReadAsync().AsTask().For("a batch");

    public void Finish(int? except = null)
    {
        Answer(_batch!, except);
        _finished!.SetResult();
    }

    public void Fail(Exception error) => _finished!.SetException(error);

    public void FinishAll()
    {
        _finishAll = true;
        _finished?.TrySetResult();
    }

    private async Task WriteOneAsync(CommitBatch batch)
    {
        if (_finishAll)
        {
            Answer(batch, null);
            return;
        }

        _batch = batch;
        _finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _batches.Writer.WriteAsync([.. Enumerable.Range(0, batch.Count).Select(i => batch[i].Id.Value)]);
        await _finished.Task;
    }

    private static void Answer(CommitBatch batch, int? except)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            if (i != except)
                batch.Answer(i, new CommitResult(CommitOutcome.Committed, batch[i].Id.Value));
        }
    }
}
