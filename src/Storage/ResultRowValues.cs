using OrleansSagas.Plans;

namespace OrleansSagas.Storage;

/// <summary>What is read of rows alike in every store.</summary>
internal static class ResultRowValues
{
    extension<TRow>(TRow row)
        where TRow : struct, IResultRow
    {
        internal int Int32(int column) => (int)row.Int64(column);

        internal long? Int64OrNull(int column) => row.IsNull(column) ? null : row.Int64(column);

        internal string? TextOrNull(int column) => row.IsNull(column) ? null : row.Text(column);

        internal DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(column));

        internal DateTimeOffset? TimeOrNull(int column) => row.IsNull(column) ? null : row.Time(column);

        internal SagaId? SagaIdOrNull(int column) => row.IsNull(column) ? null : new SagaId(row.Text(column));

        /// <summary>Namespace and id, which stand in two columns.</summary>
        internal SagaKey Key(int column) => new(row.Text(column), new SagaId(row.Text(column + 1)));

        /// <summary>Type, version and fingerprint, which stand in three columns.</summary>
        internal PlanIdentity Plan(int column) => new(row.Text(column), row.Int32(column + 1), row.Text(column + 2));
    }
}
