using Npgsql;
using OrleansSagas.Plans;
using OrleansSagas.Storage;
using OrleansSagas.Storage.PostgreSql.Opening;
using OrleansSagas.Storage.PostgreSql.Schema;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>An engine's writers. The first takes the store and leaves it; they know together what was written.</summary>
internal sealed class PostgreSqlWriters : IAsyncDisposable
{
    private readonly Server _server;
    private readonly Membership _membership;
    private readonly JoiningEngine? _engine;
    private readonly PostgreSqlWriter[] _writers;

    /// <param name="options">The store's settings.</param>
    /// <param name="server">Where it is.</param>
    /// <param name="clock">The runtime's.</param>
    /// <param name="engine">What an engine of a cluster says of itself; null for a Local engine.</param>
    internal PostgreSqlWriters(PostgreSqlSagaStoreOptions options, Server server, TimeProvider clock, JoiningEngine? engine)
    {
        (_server, _engine) = (server, engine);
        _membership = new Membership(server);

        // Not for two: where a server was replaced behind their backs, one could remember what the other's server never knew.
        var known = engine is null && options.Writers == 1 ? new RevisionCache() : null;
        _writers =
        [
            .. Enumerable
                .Range(0, options.Writers)
                .Select(no => new PostgreSqlWriter(new WriterSession(options, server, clock, _membership, no, known), known, Hooks)),
        ];
    }

    /// <summary>The cluster that the engine belongs to; null for a Local engine.</summary>
    internal ClusterIdentity? Cluster => _engine?.Cluster;

    internal WriterHooks Hooks { get; } = new();

    internal IReadOnlyList<IBatchWriter> All => _writers;

    /// <summary>
    /// What keeps a writer from committing, in words for an operator; null when nothing does. Nearly always that is the server's, and the
    /// others only have not met it yet.
    /// </summary>
    internal string? Problem
    {
        get
        {
            foreach (var writer in _writers)
            {
                if (writer.Session.Problem is { } problem)
                    return problem;
            }

            return null;
        }
    }

    /// <summary>A commit may have happened or not, and that may still change: nobody may read before it is settled.</summary>
    /// <exception cref="StoreException">So it is.</exception>
    internal void ThrowIfUnsettled()
    {
        foreach (var writer in _writers)
        {
            if (writer.Session.Unsettled is { } error)
                throw new StoreException(error.Message, error.InnerException);
        }
    }

    /// <summary>Makes the schema, takes the store for one engine, and records its plans.</summary>
    internal async Task<EngineOpened> OpenAsync(IReadOnlyList<PlanIdentity> plans, CancellationToken cancellation)
    {
        List<PlanIdentity> missing = [];
        await _writers[0]
            .OpenAsync(
                connection =>
                {
                    SchemaMigrations.Apply(connection, _server);
                    _membership.Enter(connection, _engine, plans, _writers.Length, cancellation);
                    missing = PlanTable.Replace(connection, plans, alone: _engine is null);
                },
                cancellation
            );
        foreach (var writer in _writers.Skip(1))
            await writer.OpenAsync(_ => { }, cancellation);
        return new EngineOpened(_membership.Incarnation, missing);
    }

    /// <summary>Runs what waits, leaves, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var writer in _writers.Reverse())
            await writer.DisposeAsync();
    }
}
