namespace OrleansSagas.Storing;

/// <summary>One life of an engine: a number that the store hands out at each start and never again.</summary>
public readonly record struct Incarnation(long Value);
