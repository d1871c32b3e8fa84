using System.Collections.Concurrent;

namespace OrleansSagas.Storage.Sqlite.Writing;

/// <summary>The store's one thread. Everything that writes runs here, one after the other; who waits for it holds no thread.</summary>
internal sealed class WriterThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    internal WriterThread(string name)
    {
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Runs <paramref name="work"/>, which must not throw, after all that waits.</summary>
    internal void Post(Action work) => _work.Add(work);

    /// <summary>Runs <paramref name="work"/> if nobody has ended the thread.</summary>
    internal void TryPost(Action work)
    {
        try
        {
            _work.Add(work);
        }
        catch (InvalidOperationException)
        {
            // It has ended: so has the reason for the work.
        }
    }

    internal Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
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
        return done.Task;
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
