using System.Globalization;
using System.Text;
using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite.Reading;

/// <summary>
/// Finds sagas by what people ask for. The index is chosen here, by how few sagas each condition usually leaves, and not by SQLite's guess.
/// </summary>
internal static class SagaSearch
{
    internal static StoredPage List(SagaReader reader, SagaQuery query, long before)
    {
        var statement = reader.Search(Sql(query));
        Bind(statement, query, before);
        var items = new List<StoredSummary>();
        string? next = null;
        var last = 0L;
        while (statement.Step())
        {
            if (items.Count == query.Limit)
            {
                next = PageBounds.After(last);
                statement.Reset();
                break;
            }

            last = statement.Int64(SagaColumns.Number);
            items.Add(
                new StoredSummary(SagaColumns.ReadKey(statement), SagaColumns.ReadIdentity(statement), SagaColumns.ReadRow(statement))
            );
        }

        return new StoredPage(items, next);
    }

    internal static string Sql(SagaQuery query)
    {
        var sql = new StringBuilder("SELECT ").Append(SagaColumns.All);

        // CROSS JOIN keeps this order: the first tag's sagas, newest first, and the row of each.
        if (IsByTag(query))
            sql.Append(
                " FROM tag t CROSS JOIN saga s ON s.no = t.saga WHERE t.namespace = ?1 AND t.name = ?10 AND t.value = ?11 AND t.saga < ?2"
            );
        else
            sql.Append(CultureInfo.InvariantCulture, $" FROM saga s {Index(query)} WHERE s.namespace = ?1 AND s.no < ?2");
        if (query.Type is not null)
            sql.Append(" AND s.type = ?3");
        if (query.Status is not null)
            sql.Append(" AND s.status = ?4");
        if (query.Status is not null and not SagaStatus.Completed)
            sql.Append(" AND s.status <> 5"); // what lets SQLite use the partial index
        if (query.CorrelationId is not null)
            sql.Append(" AND s.correlation_id = ?5");
        if (query.StartedFrom is not null)
            sql.Append(" AND s.started_at >= ?6");
        if (query.StartedBefore is not null)
            sql.Append(" AND s.started_at < ?7");

        // Not EXISTS: this version of SQLite makes an IN of it, and reads all sagas with the tag before the first row.
        for (var i = IsByTag(query) ? 1 : 0; i < query.Tags.Count; i++)
            sql.Append(
                CultureInfo.InvariantCulture,
                $" AND (SELECT 1 FROM tag WHERE namespace = ?1 AND name = ?{10 + 2 * i} AND value = ?{11 + 2 * i} AND saga = s.no) = 1"
            );
        return sql.Append(IsByTag(query) ? " ORDER BY t.saga DESC LIMIT ?8" : " ORDER BY s.no DESC LIMIT ?8").ToString();
    }

    private static bool IsByTag(SagaQuery query) => query.CorrelationId is null && query.Tags.Count > 0;

    private static string Index(SagaQuery query)
    {
        if (query.CorrelationId is not null)
            return "INDEXED BY saga_correlation";
        if (query.Status is not null and not SagaStatus.Completed)
            return "INDEXED BY saga_status";
        return query.Type is not null ? "INDEXED BY saga_type" : "NOT INDEXED";
    }

    private static void Bind(SqliteStatement statement, SagaQuery query, long before)
    {
        statement.Bind(1, query.Namespace);
        statement.Bind(2, before);
        statement.Bind(8, query.Limit + 1);
        if (query.Type is not null)
            statement.Bind(3, query.Type);
        if (query.Status is { } status)
            statement.Bind(4, (long)status);
        if (query.CorrelationId is not null)
            statement.Bind(5, query.CorrelationId);
        if (query.StartedFrom is { } from)
            statement.Bind(6, PageBounds.Milliseconds(from));
        if (query.StartedBefore is { } until)
            statement.Bind(7, PageBounds.Milliseconds(until));
        for (var i = 0; i < query.Tags.Count; i++)
        {
            statement.Bind(10 + 2 * i, query.Tags[i].Key);
            statement.Bind(11 + 2 * i, query.Tags[i].Value);
        }
    }
}
