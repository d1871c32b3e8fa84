using Npgsql;
using OrleansSagas.Storage.PostgreSql.Reading;

namespace OrleansSagas.Storage.Tests.PostgreSql;

/// <summary>How the server carries the searches of the schedulers out: they run every two seconds, over all that is stored.</summary>
public sealed class RecoverySearchTests(PostgresFixture postgres) : PostgreSqlStoreTests(postgres)
{
    private const string Fill = """
        INSERT INTO saga (no, started_at, owner, wake_at, snapshot_revision, version, status, namespace, id, type, fingerprint)
        SELECT i, i, CASE WHEN i % 3 = 0 THEN 7 END, CASE WHEN i % 3 <> 0 THEN i END, 0, 1, 1, 'default', 'x' || i, 't', 'f'
          FROM generate_series(1, 30000) i;
        ANALYZE saga
        """;

    [Theory]
    [InlineData("force_custom_plan")]
    [InlineData("force_generic_plan")]
    public async Task FindDue_OfAPartition_GoesByTheIndexOfWakeUpsAndStopsAtTheLimit(string mode) =>
        Assert.Contains(
            "Index Scan using saga_wake",
            await PlanAsync(RecoverySearch.Due, "bigint, bigint, bigint, int, bigint, bigint", "30000, -1, 0, 256, 4, 1", mode),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("force_custom_plan")]
    [InlineData("force_generic_plan")]
    public async Task FindOrphans_OfAPartition_GoesByTheIndexOfOwners(string mode)
    {
        var plan = await PlanAsync(RecoverySearch.Orphans, "bigint[], bigint, int, bigint, bigint", "'{9}', 0, 256, 4, 1", mode);
        Assert.Contains("Index Scan using saga_owner on saga  ", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("saga_pkey", plan, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("force_custom_plan")]
    [InlineData("force_generic_plan")]
    public async Task Count_OfAPartition_GoesByTheIndexesAlone(string mode)
    {
        var plan = await PlanAsync(SagaCounting.Counts, "bigint, bigint, int", "4, 1, 100000", mode);
        Assert.Contains("Index Only Scan using saga_wake", plan, StringComparison.Ordinal);
        Assert.Contains("Index Only Scan using saga_status", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Sort", plan, StringComparison.Ordinal);
    }

    private async Task<string> PlanAsync(string search, string types, string arguments, string mode)
    {
        await using var connection = await Place.ConnectAsync();
        await using var prepare = new NpgsqlCommand(
            $"{Fill}; SET plan_cache_mode = {mode}; PREPARE search ({types}) AS {search}",
            connection
        );
        await prepare.ExecuteNonQueryAsync();
        await using var explain = new NpgsqlCommand($"EXPLAIN EXECUTE search ({arguments})", connection);
        await using var reader = await explain.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        var plan = string.Join('\n', lines);
        Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Gather", plan, StringComparison.Ordinal);
        return plan;
    }
}
