using System.Globalization;
using Npgsql;
using OrleansSagas.Storage;
using OrleansSagas.Storage.PostgreSql.Opening;

namespace OrleansSagas.Storage.PostgreSql.Schema;

/// <summary>
/// Brings the schema to that of this program: one embedded script for each version, all in one transaction, once, however many engines
/// start.
/// </summary>
internal static class SchemaMigrations
{
    private static int Current => SchemaScripts.Newest;

    /// <exception cref="StoreException">The schema is newer.</exception>
    internal static void Apply(NpgsqlConnection connection, Server server)
    {
        using var transaction = connection.BeginTransaction();
        Sql.Run(connection, "SELECT pg_advisory_xact_lock(hashtextextended('OrleansSagas schema ' || $1, 0))", server.Schema);

        // Not "IF NOT EXISTS": that asks for the right to create schemas even where there is nothing to create.
        if (Number(connection, "SELECT count(*) FROM pg_namespace WHERE nspname = $1", server.Schema) == 0)
            Sql.Run(connection, $"CREATE SCHEMA {server.Schema}");
        if (Number(connection, "SELECT count(*) FROM pg_tables WHERE schemaname = $1 AND tablename = 'schema_version'", server.Schema) == 0)
            Sql.Run(connection, "CREATE TABLE schema_version (version int NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())");
        var version = Number(connection, "SELECT coalesce(max(version), 0)::bigint FROM schema_version");
        SchemaScripts.ThrowIfNewer(version, server.Name, "schema");

        // An engine of the release that the schema is of could not go on with the next one: none may be alive.
        var store = new StoreLock(connection, server);
        var isOfBefore = version > 0 && version < Current;
        if (isOfBefore && !store.TryPatiently(shared: false))
            throw new StoreException(
                $"The saga store '{server.Name}' has schema version {version}, and this program brings it to {Current}. Stop all "
                    + $"engines of the earlier version first. {store.Refusal()}"
            );
        for (var next = version + 1; next <= Current; next++)
        {
            using (var script = Sql.Command(connection, "SET LOCAL statement_timeout = 0;\n" + SchemaScripts.Read(next)))
            {
                script.CommandTimeout = 0; // as long as it takes: it is done once, and as a whole
                script.ExecuteNonQuery();
            }

            Sql.Run(connection, string.Create(CultureInfo.InvariantCulture, $"INSERT INTO schema_version (version) VALUES ({next})"));
        }

        transaction.Commit();
        if (isOfBefore)
            store.GiveBack();
    }

    private static long Number(NpgsqlConnection connection, string sql, params object[] arguments) =>
        (long)Sql.Scalar(connection, sql, arguments)!;
}
