using System.Collections.Concurrent;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage;

/// <summary>
/// A store's one thread: everything that uses the writer's connection runs here, one after the other; who waits for it holds no thread. It
/// blocks on the disk or the socket, because an answer then wakes it at once, and not behind whatever the thread pool has in its queue.
/// </summary>
internal sealed class WriterThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private TaskCompletionSource _written = new();

    internal WriterThread(string name)
    {
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Runs <paramref name="work"/>, which must not throw and must end with <see cref="Written"/>; one at a time.</summary>
    internal ValueTask WriteAsync(Action work)
    {
        var written = _written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(work);
        return new ValueTask(written.Task);
    }

    /// <summary>
    /// All of <paramref name="batch"/> is answered. Where others have taken its place, <paramref name="work"/> runs again, behind what else
    /// was posted.
    /// </summary>
    internal void Written(CommitBatch batch, Action work)
    {
        // Once nothing more is to be written here, the next batch may be asked for.
        var written = _written;
        if (batch.TryTakeNextBatch())
            _work.Add(work);
        else
            written.SetResult();
    }

    /// <summary>Runs <paramref name="work"/>, which must not throw; false if the thread has ended.</summary>
    internal bool TryPost(Action work)
    {
        try
        {
            _work.Add(work);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <exception cref="StoreException">The thread has ended.</exception>
    internal Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var posted = TryPost(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return posted ? done.Task : Task.FromException<T>(new StoreException("The saga store is closed. Ask an instance that is running."));
    }

    /// <summary>Runs what waits, and ends.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        if (Thread.CurrentThread != _thread)
            _thread.Join();
        _work.Dispose();
    }

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
            work();
    }
}
