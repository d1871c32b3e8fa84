namespace OrleansSagas.Testing.Tests;

public sealed record Trip(string Traveller, string? Hotel = null, string? Flight = null);
