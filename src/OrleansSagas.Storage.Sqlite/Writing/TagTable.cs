using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Storage.Sqlite.Writing;

/// <summary>The searchable index of the sagas' tags.</summary>
internal sealed class TagTable
{
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _delete;

    internal TagTable(SqliteConnection connection)
    {
        _insert = connection.Prepare("INSERT INTO tag (namespace, name, value, saga) VALUES (?, ?, ?, ?)");
        _delete = connection.Prepare("DELETE FROM tag WHERE namespace = ? AND name = ? AND value = ? AND saga = ?");
    }

    internal void Add(long saga, string @namespace, IReadOnlyList<KeyValuePair<string, string>> tags) =>
        Run(_insert, saga, @namespace, tags);

    internal void Remove(long saga, string @namespace, IReadOnlyList<KeyValuePair<string, string>> tags) =>
        Run(_delete, saga, @namespace, tags);

    private static void Run(SqliteStatement statement, long saga, string @namespace, IReadOnlyList<KeyValuePair<string, string>> tags)
    {
        foreach (var (name, value) in tags)
        {
            statement.Bind(1, @namespace);
            statement.Bind(2, name);
            statement.Bind(3, value);
            statement.Bind(4, saga);
            statement.Execute();
        }
    }
}
