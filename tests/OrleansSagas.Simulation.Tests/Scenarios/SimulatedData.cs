namespace OrleansSagas.Simulation.Tests.Scenarios;

/// <summary>The data of a simulated saga.</summary>
/// <param name="Client">Who started it.</param>
/// <param name="Results">The results of its steps, in the order in which they were folded.</param>
/// <param name="NoFold">The step whose result cannot be folded; null for none.</param>
internal sealed record SimulatedData(int Client, string Results, string? NoFold);
