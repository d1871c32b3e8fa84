namespace OrleansSagas.Tests.Testing;

public sealed record Trip(string Traveller, string? Hotel = null, string? Flight = null);
