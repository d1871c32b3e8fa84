using System.Collections.Concurrent;
using OrleansSagas.Storing;

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

    /// <summary>Runs <paramref name="work"/>; false if the thread has ended.</summary>
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
