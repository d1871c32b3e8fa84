using Npgsql;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Reading;

/// <summary>A bounded number of connections beside the writer's: for reads, and for what is rare.</summary>
internal sealed class ReaderPool(Server server, int count) : IAsyncDisposable
{
    private readonly SemaphoreSlim _free = new(count);
    private volatile bool _closed;

    /// <summary>Runs <paramref name="read"/>, and once more where the connection that it was given had died meanwhile.</summary>
    /// <exception cref="StoreException">The server does not answer.</exception>
    internal async Task<T> ReadAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation);
        try
        {
            if (_closed)
                throw new StoreException($"The saga store '{server.Name}' is closed. Ask an instance that is running.");
            try
            {
                return await ReadOnceAsync(read, cancellation);
            }
            catch (NpgsqlException e)
                when (e is not PostgresException { InvariantSeverity: "ERROR" } && e.InnerException is not TimeoutException)
            {
                server.Readers.Clear();
                return await ReadOnceAsync(read, cancellation);
            }
        }
        catch (NpgsqlException e)
        {
            throw server.Unreachable("cannot be read", e);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Waits for those that read, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < count; i++)
            await _free.WaitAsync();
        _closed = true;
        await server.Readers.DisposeAsync();
        _free.Release(count);
    }

    private async Task<T> ReadOnceAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellation)
    {
        await using var connection = await server.Readers.OpenConnectionAsync(cancellation);
        return await read(connection, cancellation);
    }
}
