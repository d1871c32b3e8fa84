namespace OrleansSagas.Storage;

/// <summary>The columns of a saga that must be loaded, in the order in which they are read.</summary>
internal static class DueColumns
{
    internal const string All = "namespace, id, no, type, version, fingerprint";

    internal const string AllAndWakeAt = All + ", wake_at";

    internal static DueSaga Read<TRow>(TRow row)
        where TRow : struct, IResultRow => new(row.Key(0), row.Int64(2), null, row.Plan(3));

    internal static DueSaga ReadWithWakeAt<TRow>(TRow row)
        where TRow : struct, IResultRow => new(row.Key(0), row.Int64(2), row.Time(6), row.Plan(3));
}
