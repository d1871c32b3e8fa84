namespace OrleansSagas.Engine.Tests.Releases;

/// <summary>The data of the sagas in the databases of the releases.</summary>
public sealed record Parcel(string To, string? Box = null, string? Track = null);
