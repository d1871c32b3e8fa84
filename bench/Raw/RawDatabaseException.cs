namespace OrleansSagas.Bench.Raw;

/// <summary>The database did not do what it was told.</summary>
internal sealed class RawDatabaseException(string message) : Exception(message);
