using OrleansSagas.Storage;

namespace OrleansSagas.Storage.Sqlite.Reading;

/// <summary>
/// Finds sagas by what people ask for. The index is chosen here, by how few sagas each condition usually leaves, and not by SQLite's guess.
/// </summary>
internal sealed class SagaSearch : SagaListing
{
    private SagaSearch()
        : base('?') { }

    internal static StoredPage List(SagaReader reader, SagaQuery query, long before)
    {
        var search = new SagaSearch();
        var statement = reader.Search(search.Write(query, before));
        statement.BindAll(search.Values);
        var page = new ListingPage(query.Limit);
        while (statement.Step() && page.TryAdd(statement.Row)) { }
        statement.Reset();
        return page.Finish();
    }

    internal static string Sql(SagaQuery query) => new SagaSearch().Write(query, long.MaxValue);

    // Keeps this order: the first tag's sagas, newest first, and the row of each.
    protected override string Join => "CROSS JOIN";

    protected override string Index(SagaQuery query)
    {
        if (query.CorrelationId is not null)
            return "INDEXED BY saga_correlation";
        if (query.Status is not null and not SagaStatus.Completed)
            return "INDEXED BY saga_status";
        return query.Type is not null ? "INDEXED BY saga_type" : "NOT INDEXED";
    }

    // The second condition is what lets SQLite use the partial index.
    protected override string IsOf(SagaStatus status) =>
        $"s.status = {Value((long)status)}" + (status == SagaStatus.Completed ? "" : " AND s.status <> 5");

    // Not EXISTS: this version of SQLite makes an IN of it, and reads all sagas with the tag before the first row.
    protected override string Exists(string select) => $"({select}) = 1";
}
