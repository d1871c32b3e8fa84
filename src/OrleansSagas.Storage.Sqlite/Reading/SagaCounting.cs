using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite.Reading;

/// <summary>Counts what operators watch, by indexes that hold all that is asked for. 4 is Stuck, 10 is Held.</summary>
internal static class SagaCounting
{
    internal static SagaCounts Count(SagaReader reader, SagaPartition partition, int limit) =>
        reader.InOneMoment(() =>
        {
            var waiting = reader.Search(
                """
                SELECT count(*) FROM (
                  SELECT 1 FROM saga INDEXED BY saga_wake WHERE wake_at IS NOT NULL AND no % ?1 = ?2 LIMIT ?3)
                """
            );
            Bind(waiting, 1, partition, limit);
            return new SagaCounts(
                Single(waiting),
                CountStatus(reader, SagaStatus.Stuck, partition, limit),
                CountStatus(reader, SagaStatus.Held, partition, limit)
            );
        });

    private static long CountStatus(SagaReader reader, SagaStatus status, SagaPartition partition, int limit)
    {
        var ofNamespace = reader.Search(
            """
            SELECT count(*) FROM (
              SELECT 1 FROM saga INDEXED BY saga_status
              WHERE namespace = ?1 AND status = ?2 AND status <> 5 AND no % ?3 = ?4 LIMIT ?5)
            """
        );
        var count = 0L;
        for (
            var name = RecoverySearch.NextNamespace(reader, "");
            name is not null && count < limit;
            name = RecoverySearch.NextNamespace(reader, name)
        )
        {
            ofNamespace.Bind(1, name);
            ofNamespace.Bind(2, (int)status);
            Bind(ofNamespace, 3, partition, limit - (int)count);
            count += Single(ofNamespace);
        }

        return count;
    }

    private static void Bind(SqliteStatement statement, int at, SagaPartition partition, int limit)
    {
        statement.Bind(at, partition.Count);
        statement.Bind(at + 1, partition.Number);
        statement.Bind(at + 2, limit);
    }

    private static long Single(SqliteStatement statement)
    {
        _ = statement.Step();
        var count = statement.Int64(0);
        statement.Reset();
        return count;
    }
}
