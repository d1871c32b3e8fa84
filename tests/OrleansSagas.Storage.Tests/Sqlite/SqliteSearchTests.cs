using System.Text.RegularExpressions;
using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;
using OrleansSagas.Storage.Sqlite.Reading;

namespace OrleansSagas.Storage.Tests.Sqlite;

public sealed class SqliteSearchTests : SqliteStoreTests
{
    private static readonly KeyValuePair<string, string>[] Tags = [new("k", "v"), new("l", "w")];

    /// <summary>
    /// Newest first must come from the index: sorting, or a list of all that carry a tag, would read millions for one page.
    /// </summary>
    [Fact]
    public void Sql_WhenFiltersCombine_NeitherSortsNorCollects()
    {
        using var connection = new SqliteConnection(File, TimeSpan.Zero);
        foreach (var type in new[] { null, "t" })
        foreach (var status in new SagaStatus?[] { null, SagaStatus.Stuck, SagaStatus.Completed })
        foreach (var correlation in new[] { null, "c" })
        foreach (var tags in new[] { [], Tags[..1], Tags })
        foreach (var from in new DateTimeOffset?[] { null, Noon })
        {
            var plan = Explain(
                connection,
                SagaSearch.Sql(
                    new SagaQuery
                    {
                        Type = type,
                        Status = status,
                        CorrelationId = correlation,
                        Tags = tags,
                        StartedFrom = from,
                    }
                )
            );
            Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("LIST SUBQUERY", plan, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(SagaStatus.Stuck, null, null, false, "INDEX saga_status (namespace=? AND status=? AND no<?)")]
    [InlineData(SagaStatus.Completed, "t", null, false, "INDEX saga_type (namespace=? AND type=? AND no<?)")]
    [InlineData(SagaStatus.Stuck, "t", "c", true, "INDEX saga_correlation (namespace=? AND correlation_id=? AND no<?)")]
    [InlineData(SagaStatus.Stuck, "t", null, true, "PRIMARY KEY (namespace=? AND name=? AND value=? AND saga<?)")]
    public void Sql_WhenFiltered_SeeksInTheNarrowestIndex(
        SagaStatus? status,
        string? type,
        string? correlation,
        bool tagged,
        string expected
    )
    {
        using var connection = new SqliteConnection(File, TimeSpan.Zero);

        var plan = Explain(
            connection,
            SagaSearch.Sql(
                new SagaQuery
                {
                    Type = type,
                    Status = status,
                    CorrelationId = correlation,
                    Tags = tagged ? Tags : [],
                }
            )
        );

        // The outermost loop, which comes first. How a plan names the table differs between versions of SQLite.
        Assert.Matches("^SEARCH [^\n]* USING " + Regex.Escape(expected), plan);
    }

    /// <summary>The words that <see cref="Sql_WhenFiltersCombine_NeitherSortsNorCollects"/> must not find are the right ones.</summary>
    [Theory]
    [InlineData("SELECT * FROM saga ORDER BY started_at", "TEMP B-TREE")]
    [InlineData("SELECT * FROM saga WHERE no IN (SELECT saga FROM tag)", "LIST SUBQUERY")]
    public void Plan_WhenAQuerySortsOrCollects_SaysSo(string sql, string expected)
    {
        using var connection = new SqliteConnection(File, TimeSpan.Zero);

        Assert.Contains(expected, Explain(connection, sql), StringComparison.Ordinal);
    }

    private static string Explain(SqliteConnection connection, string sql)
    {
        using var statement = connection.PrepareOnce("EXPLAIN QUERY PLAN " + sql);
        var plan = "";
        while (statement.Step())
            plan += statement.Text(3) + "\n";
        return plan;
    }
}
