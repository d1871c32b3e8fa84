using System.Diagnostics;

namespace OrleansSagas.Bench.Load;

/// <summary>The closed loop over HTTP: as many connections as there is concurrency, each with one request under way.</summary>
internal sealed class HttpLoad : IDisposable
{
    private readonly LoadConnection[] _connections;

    private HttpLoad(LoadConnection[] connections) => _connections = connections;

    /// <summary>Opens the connections, to one target after the other.</summary>
    public static async Task<HttpLoad> ConnectAsync(IReadOnlyList<LoadTarget> targets, int concurrency)
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        var load = new HttpLoad([
            .. Enumerable.Range(0, concurrency).Select(i => new LoadConnection(targets[i % targets.Count], $"bench-{run}-{i}")),
        ]);
        foreach (var connection in load._connections)
            await connection.ConnectAsync();
        return load;
    }

    /// <summary>Keeps all connections busy for <paramref name="duration"/> and waits for the last answers.</summary>
    public async Task<LoadResult> RunAsync(TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp();
        var until = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var results = await Task.WhenAll(_connections.Select(c => c.RunUntilAsync(until)));
        return LoadResult.Merge(results, Stopwatch.GetElapsedTime(start));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var connection in _connections)
            connection.Dispose();
    }
}
