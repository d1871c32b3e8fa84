using OrleansSagas.Storage;

namespace OrleansSagas.Storage.Sqlite.Reading;

/// <summary>
/// Finds the sagas that must be loaded: those that are due, those whose owner died, and those that are held until their definition is back.
/// 10 is Held.
/// </summary>
internal static class RecoverySearch
{
    internal static List<DueSaga> FindDue(SagaReader reader, SagaPartition partition, DateTimeOffset until, DueSaga? after, int limit)
    {
        var statement = reader.Search(
            $"""
            SELECT {DueColumns.AllAndWakeAt} FROM saga INDEXED BY saga_wake
            WHERE wake_at IS NOT NULL AND wake_at <= ?1 AND (wake_at, no) > (?2, ?3) AND owner IS NULL AND status < 5 AND no % ?5 = ?6
            ORDER BY wake_at, no LIMIT ?4
            """
        );
        statement.Bind(1, until.ToUnixTimeMilliseconds());
        statement.Bind(2, after?.WakeAt?.ToUnixTimeMilliseconds() ?? long.MinValue);
        statement.Bind(3, after?.Number ?? 0);
        statement.Bind(4, limit);
        statement.Bind(5, partition.Count);
        statement.Bind(6, partition.Number);
        var due = new List<DueSaga>();
        while (statement.Step())
            due.Add(DueColumns.ReadWithWakeAt(statement.Row));
        return due;
    }

    /// <summary>Goes from one dead incarnation to the next, so that the many sagas of the living are not looked at.</summary>
    internal static List<DueSaga> FindOrphans(
        SagaReader reader,
        SagaPartition partition,
        IReadOnlyCollection<Incarnation> alive,
        DueSaga? after,
        int limit
    ) =>
        reader.InOneMoment(() =>
        {
            var orphans = new List<DueSaga>();
            var ofOwner = reader.Search(
                $"""
                SELECT {DueColumns.All} FROM saga INDEXED BY saga_owner
                WHERE owner = ?1 AND no > ?2 AND status < 5 AND no % ?4 = ?5 ORDER BY no LIMIT ?3
                """
            );
            for (var owner = NextOwner(reader, Incarnation.Dead.Value); owner is { } dead; owner = NextOwner(reader, dead))
            {
                if (alive.Contains(new Incarnation(dead)))
                    continue;
                ofOwner.Bind(1, dead);
                ofOwner.Bind(2, after?.Number ?? 0);
                ofOwner.Bind(3, limit);
                ofOwner.Bind(4, partition.Count);
                ofOwner.Bind(5, partition.Number);
                while (ofOwner.Step())
                    orphans.Add(DueColumns.Read(ofOwner.Row));
            }

            orphans.Sort(static (a, b) => a.Number.CompareTo(b.Number));
            if (orphans.Count > limit)
                orphans.RemoveRange(limit, orphans.Count - limit);
            return orphans;
        });

    /// <summary>Goes from one namespace to the next, so that only the held sagas of each are looked at.</summary>
    internal static List<DueSaga> FindHeld(SagaReader reader, DueSaga? after, int limit) =>
        reader.InOneMoment(() =>
        {
            var held = new List<DueSaga>();
            var ofNamespace = reader.Search(
                $"""
                SELECT {DueColumns.All} FROM saga INDEXED BY saga_status
                WHERE namespace = ?1 AND status = 10 AND status <> 5 AND no > ?2 ORDER BY no LIMIT ?3
                """
            );
            for (
                var name = after?.Key.Namespace ?? NextNamespace(reader, "");
                name is not null && held.Count < limit;
                name = NextNamespace(reader, name)
            )
            {
                ofNamespace.Bind(1, name);
                ofNamespace.Bind(2, name == after?.Key.Namespace ? after.Number : 0);
                ofNamespace.Bind(3, limit - held.Count);
                while (ofNamespace.Step())
                    held.Add(DueColumns.Read(ofNamespace.Row));
            }

            return held;
        });

    internal static string? NextNamespace(SagaReader reader, string after)
    {
        var statement = reader.Search(
            "SELECT namespace FROM saga INDEXED BY saga_status WHERE status <> 5 AND namespace > ?1 ORDER BY namespace LIMIT 1"
        );
        statement.Bind(1, after);
        if (!statement.Step())
            return null;
        var name = statement.Text(0);
        statement.Reset();
        return name;
    }

    private static long? NextOwner(SagaReader reader, long after)
    {
        var statement = reader.Search("SELECT owner FROM saga INDEXED BY saga_owner WHERE owner > ?1 ORDER BY owner LIMIT 1");
        statement.Bind(1, after);
        if (!statement.Step())
            return null;
        var owner = statement.Int64(0);
        statement.Reset();
        return owner;
    }
}
