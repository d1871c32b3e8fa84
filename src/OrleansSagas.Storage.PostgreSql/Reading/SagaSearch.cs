using Npgsql;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Reading;

/// <summary>
/// Finds sagas by what people ask for. Each condition has an index that also holds the order, so the server need not sort.
/// </summary>
internal sealed class SagaSearch : SagaListing
{
    private SagaSearch()
        : base('$') { }

    internal static async Task<StoredPage> ListAsync(
        NpgsqlConnection connection,
        SagaQuery query,
        long before,
        CancellationToken cancellation
    )
    {
        var search = new SagaSearch();
        var sql = search.Write(query, before);
        object[] values = [.. search.Values.Select(value => value is string text ? StoreText.Write(text) : value)];
        await using var command = Sql.Command(connection, sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var page = new ListingPage(query.Limit);
        while (await reader.ReadAsync(cancellation) && page.TryAdd(new PostgreSqlRow(reader))) { }
        return page.Finish();
    }

    protected override string Join => "JOIN";

    protected override string Index(SagaQuery query) => "";

    // As a literal, so that a plan made once may use the partial index.
    protected override string IsOf(SagaStatus status) => $"s.status = {(int)status}";

    protected override string Exists(string select) => $"EXISTS ({select})";
}
