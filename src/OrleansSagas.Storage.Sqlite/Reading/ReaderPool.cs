using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite.Reading;

/// <summary>
/// A few connections that only read. They never wait for the writer, and each read is short, so that it does not keep the log from
/// beginning anew.
/// </summary>
internal sealed class ReaderPool : IDisposable
{
    private readonly string _path;
    private readonly SemaphoreSlim _free;
    private readonly Stack<SagaReader> _readers = new();
    private readonly int _count;
    private bool _closed;

    internal ReaderPool(string path, int count)
    {
        _path = path;
        _count = count;
        _free = new SemaphoreSlim(count);
    }

    /// <summary>Runs <paramref name="read"/> on the thread pool: it blocks, which the caller's scheduler must not.</summary>
    /// <exception cref="StoreException">The file does not answer.</exception>
    internal async Task<T> ReadAsync<T>(Func<SagaReader, T> read, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation);
        try
        {
            // In the pool's common queue: readers that follow each other closely would otherwise keep its threads to themselves,
            // and the commits behind them would wait for seconds.
            return await Task.Factory.StartNew(
                () => Read(read),
                CancellationToken.None,
                TaskCreationOptions.DenyChildAttach | TaskCreationOptions.PreferFairness,
                TaskScheduler.Default
            );
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Waits for those that read, and closes the connections.</summary>
    internal async Task CloseAsync()
    {
        for (var i = 0; i < _count; i++)
            await _free.WaitAsync();
        lock (_readers)
        {
            _closed = true;
            while (_readers.TryPop(out var reader))
                reader.Dispose();
        }

        _free.Release(_count);
    }

    public void Dispose() => _free.Dispose();

    private T Read<T>(Func<SagaReader, T> read)
    {
        SagaReader? reader = null;
        try
        {
            reader = Rent();
            var result = read(reader);
            Return(reader);
            return result;
        }
        catch (SqliteError e)
        {
            // Perhaps only this connection is ill.
            reader?.Dispose();
            throw new StoreException($"The saga store '{_path}' cannot be read: {e.Message} See to the disk's health and permissions.", e);
        }
        catch
        {
            reader?.Dispose();
            throw;
        }
    }

    private SagaReader Rent()
    {
        lock (_readers)
        {
            if (_closed)
                throw new StoreException($"The saga store '{_path}' is closed. Ask an instance that is running.");
            if (_readers.TryPop(out var reader))
                return reader;
        }

        return new SagaReader(_path);
    }

    private void Return(SagaReader reader)
    {
        lock (_readers)
            _readers.Push(reader);
    }
}
