namespace OrleansSagas.Bench.Raw;

/// <summary>SQLite did not do what it was told.</summary>
internal sealed class RawDatabaseException(string message) : Exception(message);
