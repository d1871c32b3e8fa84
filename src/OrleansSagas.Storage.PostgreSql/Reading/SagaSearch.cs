using System.Globalization;
using System.Text;
using Npgsql;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Reading;

/// <summary>
/// Finds sagas by what people ask for. Each condition has an index that also holds the order, so the server need not sort.
/// </summary>
internal static class SagaSearch
{
    internal static async Task<StoredPage> ListAsync(
        NpgsqlConnection connection,
        SagaQuery query,
        long before,
        CancellationToken cancellation
    )
    {
        await using var command = Command(query, before);
        command.Connection = connection;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var items = new List<StoredSummary>();
        var last = 0L;
        while (await reader.ReadAsync(cancellation))
        {
            if (items.Count == query.Limit)
                return new StoredPage(items, PageBounds.After(last));
            last = reader.GetInt64(SagaColumns.Number);
            items.Add(new StoredSummary(SagaColumns.ReadKey(reader), SagaColumns.ReadIdentity(reader), SagaColumns.ReadRow(reader)));
        }

        return new StoredPage(items, null);
    }

    private static NpgsqlCommand Command(SagaQuery query, long before)
    {
        var command = new NpgsqlCommand();
        string Bind<T>(T value)
        {
            command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
            return "$" + command.Parameters.Count.ToString(CultureInfo.InvariantCulture);
        }

        var byTag = query.CorrelationId is null && query.Tags.Count > 0;
        var @namespace = Bind(query.Namespace);
        var sql = new StringBuilder("SELECT ").Append(SagaColumns.All);
        if (byTag)
            sql.Append(
                CultureInfo.InvariantCulture,
                $" FROM tag t JOIN saga s ON s.no = t.saga WHERE t.namespace = {@namespace} AND "
                    + $"t.name = {Bind(StoreText.Write(query.Tags[0].Key))} AND t.value = {Bind(StoreText.Write(query.Tags[0].Value))} "
                    + $"AND t.saga < {Bind(before)}"
            );
        else
            sql.Append(CultureInfo.InvariantCulture, $" FROM saga s WHERE s.namespace = {@namespace} AND s.no < {Bind(before)}");
        if (query.Type is { } type)
            sql.Append(CultureInfo.InvariantCulture, $" AND s.type = {Bind(StoreText.Write(type))}");

        // As a literal, so that a plan made once may use the partial index.
        if (query.Status is { } status)
            sql.Append(CultureInfo.InvariantCulture, $" AND s.status = {(int)status}");
        if (query.CorrelationId is { } correlation)
            sql.Append(CultureInfo.InvariantCulture, $" AND s.correlation_id = {Bind(StoreText.Write(correlation))}");
        if (query.StartedFrom is { } from)
            sql.Append(CultureInfo.InvariantCulture, $" AND s.started_at >= {Bind(PageBounds.Milliseconds(from))}");
        if (query.StartedBefore is { } until)
            sql.Append(CultureInfo.InvariantCulture, $" AND s.started_at < {Bind(PageBounds.Milliseconds(until))}");
        for (var i = byTag ? 1 : 0; i < query.Tags.Count; i++)
            sql.Append(
                CultureInfo.InvariantCulture,
                $" AND EXISTS (SELECT 1 FROM tag WHERE namespace = {@namespace} AND name = {Bind(StoreText.Write(query.Tags[i].Key))} "
                    + $"AND value = {Bind(StoreText.Write(query.Tags[i].Value))} AND saga = s.no)"
            );
        sql.Append(CultureInfo.InvariantCulture, $" ORDER BY {(byTag ? "t.saga" : "s.no")} DESC LIMIT {Bind(query.Limit + 1)}");
        command.CommandText = sql.ToString();
        return command;
    }
}
