namespace OrleansSagas.Simulation.Tests.Services;

/// <summary>An error after which the definitions say to give up.</summary>
internal sealed class FinalErrorException() : Exception("There is no point in trying again.");
