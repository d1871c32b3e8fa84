using OrleansSagas.Storage.Tests.PostgreSql;
using OrleansSagas.TestKit;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace OrleansSagas.Storage.Tests.PostgreSql;

/// <summary>
/// One server for all tests of this assembly, started when the first asks for it: the one that ORLEANSSAGAS_TEST_POSTGRES names, or a
/// throwaway.
/// </summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private ThrowawayPostgres? _server;
    private int _schemas;

    private static string? Given =>
        Environment.GetEnvironmentVariable("ORLEANSSAGAS_TEST_POSTGRES") is { Length: > 0 } given ? given : null;

    /// <summary>The connection string; the test is skipped, with the reason, where there is no server.</summary>
    internal async Task<string> ConnectionStringAsync()
    {
        if (Given is { } given)
            return given;
        Assert.SkipWhen(ThrowawayPostgres.Obstacle is not null, $"{ThrowawayPostgres.Obstacle} Or name one in ORLEANSSAGAS_TEST_POSTGRES.");
        await _gate.WaitAsync();
        try
        {
            return (_server ??= await ThrowawayPostgres.StartAsync()).ConnectionString;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A schema that no other test has, nor had.</summary>
    internal async Task<PostgresPlace> NewPlaceAsync() =>
        new(
            await ConnectionStringAsync(),
            $"t_{Environment.ProcessId}_{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}_{Interlocked.Increment(ref _schemas)}"
        );

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _gate.Dispose();
    }
}
