using OrleansSagas.Storage;

namespace OrleansSagas.Storage.Sqlite.Native;

/// <summary>The row at which a statement stands.</summary>
internal readonly struct SqliteRow(SqliteStatement statement) : IResultRow
{
    public bool IsNull(int column) => statement.IsNull(column);

    public long Int64(int column) => statement.Int64(column);

    public string Text(int column) => statement.Text(column);

    public byte[] Bytes(int column) => statement.Bytes(column).ToArray();

    public IReadOnlyList<KeyValuePair<string, string>> Tags(int column) => TagText.Read(this.TextOrNull(column));
}
