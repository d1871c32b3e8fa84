using System.Globalization;
using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite.Schema;

/// <summary>Brings the file to the schema of this program: one embedded script for each version, all in one transaction.</summary>
internal static class SchemaMigrations
{
    internal static int Current => SchemaScripts.Newest;

    /// <exception cref="StoreException">The file's schema is newer.</exception>
    internal static void Apply(SqliteConnection connection, string path)
    {
        var version = connection.Scalar("PRAGMA user_version");
        SchemaScripts.ThrowIfNewer(version, path, "file in Path");
        if (version == Current)
            return;
        connection.Execute("BEGIN IMMEDIATE");
        try
        {
            for (var next = version + 1; next <= Current; next++)
                connection.Execute(SchemaScripts.Read(next));
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Current}"));
            connection.Execute("COMMIT");
        }
        catch
        {
            if (connection.IsInTransaction)
                connection.Execute("ROLLBACK");
            throw;
        }
    }
}
