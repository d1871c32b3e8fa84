using OrleansSagas.Bench.Silo;

namespace OrleansSagas.Bench.Peers;

/// <summary>What the benchmark asks for.</summary>
/// <param name="Peer">Which peer.</param>
/// <param name="Path">Where sagas are started.</param>
/// <param name="End">The status that every saga must end with: <see cref="OrderStatus"/>.</param>
/// <param name="Schema">The schema of all tables.</param>
internal sealed record PeerSetup(string Peer, string Path, string End, string Schema)
{
    /// <summary>How to reach the database.</summary>
    public string Server { get; } =
        Environment.GetEnvironmentVariable(SiloVariable.Server)
        ?? throw new InvalidOperationException($"{SiloVariable.Server} is not set: a peer needs a PostgreSQL server.");
}
