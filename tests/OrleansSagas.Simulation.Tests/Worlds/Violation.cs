namespace OrleansSagas.Simulation.Tests.Worlds;

/// <summary>A promise was broken.</summary>
internal sealed class Violation(string message) : Exception(message);
