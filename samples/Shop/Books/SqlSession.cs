using System.Globalization;
using Microsoft.Data.Sqlite;

namespace OrleansSagas.Shop.Books;

/// <summary>One connection and its prepared statements. Arguments are $0, $1, … in order. For one caller at a time.</summary>
internal sealed class SqlSession : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private readonly SqliteConnection _connection;

    static SqlSession() => SQLitePCL.Batteries_V2.Init();

    internal SqlSession(string path, bool readOnly)
    {
        _connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
                Pooling = false,
            }.ToString()
        );
        _connection.Open();
        _ = Execute("PRAGMA busy_timeout = 5000");
    }

    /// <summary>Whether a transaction is open. SQLite itself ends one on some errors, such as a full disk.</summary>
    internal bool InTransaction => SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    public void Dispose()
    {
        foreach (var command in _commands.Values)
            command.Dispose();
        _connection.Dispose();
    }

    internal int Execute(string sql, params ReadOnlySpan<object?> arguments) => Prepared(sql, arguments).ExecuteNonQuery();

    /// <summary>The first value of the first row; null where there is none.</summary>
    internal object? Value(string sql, params ReadOnlySpan<object?> arguments) =>
        Prepared(sql, arguments).ExecuteScalar() is { } value and not DBNull ? value : null;

    internal long Number(string sql, params ReadOnlySpan<object?> arguments) =>
        Convert.ToInt64(Value(sql, arguments) ?? 0L, CultureInfo.InvariantCulture);

    internal List<T> Rows<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> arguments)
    {
        using var reader = Prepared(sql, arguments).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    private SqliteCommand Prepared(string sql, ReadOnlySpan<object?> arguments)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (var index = 0; index < arguments.Length; index++)
                _ = command.Parameters.Add(new SqliteParameter($"${index}", null));
            _commands.Add(sql, command);
        }

        for (var index = 0; index < arguments.Length; index++)
            command.Parameters[index].Value = arguments[index] ?? DBNull.Value;
        return command;
    }
}
