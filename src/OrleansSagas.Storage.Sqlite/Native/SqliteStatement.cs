using System.Text;

namespace OrleansSagas.Storage.Sqlite.Native;

/// <summary>One prepared statement. Parameters count from 1, columns from 0, as in SQLite.</summary>
internal sealed unsafe class SqliteStatement : IDisposable
{
    private readonly SqliteConnection _connection;
    private nint _handle;

    internal SqliteStatement(SqliteConnection connection, nint handle)
    {
        _connection = connection;
        _handle = handle;
    }

    internal void Bind(int index, long value) => SqliteError.ThrowIf(Sqlite3.BindInt64(_handle, index, value));

    internal void Bind(int index, long? value) =>
        SqliteError.ThrowIf(value is { } number ? Sqlite3.BindInt64(_handle, index, number) : Sqlite3.BindNull(_handle, index));

    internal void Bind(int index, DateTimeOffset? value) => Bind(index, value?.ToUnixTimeMilliseconds());

    internal void Bind(int index, string? value)
    {
        if (value is null)
        {
            SqliteError.ThrowIf(Sqlite3.BindNull(_handle, index));
            return;
        }

        var at = _connection.Rent(Encoding.UTF8.GetMaxByteCount(value.Length), out var space);
        if (at is not null)
        {
            SqliteError.ThrowIf(
                Sqlite3.BindText(_handle, index, at, Encoding.UTF8.GetBytes(value, new Span<byte>(at, space)), Sqlite3.Static)
            );
            return;
        }

        fixed (byte* utf8 = Encoding.UTF8.GetBytes(value + '\0'))
            SqliteError.ThrowIf(Sqlite3.BindTextCopy(_handle, index, utf8, Encoding.UTF8.GetByteCount(value), Sqlite3.Transient));
    }

    internal void Bind(int index, ReadOnlySpan<byte> value)
    {
        // A pointer that is not null, also for no bytes: SQLite takes null for NULL.
        var at = _connection.Rent(Math.Max(value.Length, 1), out var space);
        if (at is not null)
        {
            value.CopyTo(new Span<byte>(at, space));
            SqliteError.ThrowIf(Sqlite3.BindBlob(_handle, index, at, value.Length, Sqlite3.Static));
            return;
        }

        fixed (byte* bytes = value)
            SqliteError.ThrowIf(Sqlite3.BindBlobCopy(_handle, index, bytes, value.Length, Sqlite3.Transient));
    }

    internal void Bind(int index, ReadOnlyMemory<byte>? value)
    {
        if (value is { } bytes)
            Bind(index, bytes.Span);
        else
            SqliteError.ThrowIf(Sqlite3.BindNull(_handle, index));
    }

    /// <summary>Binds all parameters: each value is a text or a <see cref="long"/>.</summary>
    internal void BindAll(ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is string text)
                Bind(i + 1, text);
            else
                Bind(i + 1, (long)values[i]);
        }
    }

    /// <summary>Goes to the next row; false if there is none. After false, or an error, the statement can be bound again.</summary>
    internal bool Step()
    {
        var code = Sqlite3.Step(_handle);
        if (code == Sqlite3.Row)
            return true;
        Reset();
        return code == Sqlite3.Done ? false : throw new SqliteError(code);
    }

    /// <summary>Runs a statement that returns no rows.</summary>
    internal void Execute()
    {
        if (Step())
            Reset();
    }

    /// <summary>Runs a statement that changes rows, and says how many.</summary>
    internal int ExecuteChanges()
    {
        Execute();
        return _connection.Changes;
    }

    /// <summary>Leaves the rows; the code repeats what <see cref="Step"/> has already said.</summary>
    internal void Reset()
    {
        _ = Sqlite3.Reset(_handle);
        _connection.ReturnAll();
    }

    /// <summary>The row at which it stands.</summary>
    internal SqliteRow Row => new(this);

    internal bool IsNull(int column) => Sqlite3.ColumnType(_handle, column) == Sqlite3.TypeNull;

    internal long Int64(int column) => Sqlite3.ColumnInt64(_handle, column);

    internal ReadOnlySpan<byte> Bytes(int column)
    {
        var at = Sqlite3.ColumnBlob(_handle, column);
        return new ReadOnlySpan<byte>(at, Sqlite3.ColumnBytes(_handle, column));
    }

    internal string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    public void Dispose()
    {
        if (_handle != 0)
            _ = Sqlite3.Finish(_handle);
        _handle = 0;
    }
}
