namespace OrleansSagas.Bench.Raw;

/// <summary>The one table of the bare writer.</summary>
internal interface IRawDatabase : IDisposable
{
    /// <summary>Inserts <paramref name="rows"/> in one transaction; durable on return.</summary>
    /// <exception cref="RawDatabaseException">They were not inserted, none of them.</exception>
    void Insert(ReadOnlySpan<RawSaga> rows);
}
