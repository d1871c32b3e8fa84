using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite.Writing;

/// <summary>Commits that change nothing anybody reads.</summary>
internal static class SettleMarker
{
    /// <summary>The smallest write there is: it succeeds on a full disk too, where it overwrites what is there.</summary>
    internal static void Write(SqliteConnection connection) => connection.Execute("UPDATE engine SET barrier = barrier + 1");

    /// <summary>A write that needs room: only when it succeeds can the store take commits again.</summary>
    internal static void Probe(SqliteConnection connection)
    {
        Write(connection);
        connection.Execute(
            """
            INSERT INTO history (saga, revision, name, format, at, commit_id, body) VALUES (-1, 1, 'Probe', 1, 0, 0, zeroblob(65536));
            DELETE FROM history WHERE saga = -1
            """
        );
    }
}
