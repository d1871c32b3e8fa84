namespace OrleansSagas.Engine.Tests;

/// <summary>What is left of a process that died in a test still uses its store.</summary>
internal sealed class DeadProcessException() : Exception("This process is dead, says the test.");
