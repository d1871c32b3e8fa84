using OrleansSagas.Simulation.Tests.Worlds;

namespace OrleansSagas.Simulation.Tests;

/// <summary>How a run went.</summary>
/// <param name="Seed">What it was drawn from.</param>
/// <param name="Violation">The promise that was broken; null when all were kept.</param>
/// <param name="Fingerprint">The same for two runs of one seed.</param>
/// <param name="Turns">How many turns the world made.</param>
/// <param name="Sagas">How many sagas there were.</param>
/// <param name="Attempts">How many attempts of steps and undos were begun.</param>
/// <param name="Trace">What happened, line by line; empty unless it was asked for.</param>
internal sealed record Outcome(
    ulong Seed,
    string? Violation,
    ulong Fingerprint,
    long Turns,
    int Sagas,
    long Attempts,
    IReadOnlyList<string> Trace
);
