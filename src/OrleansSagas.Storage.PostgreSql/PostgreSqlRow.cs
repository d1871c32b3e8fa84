using Npgsql;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql;

/// <summary>The row at which a reader stands.</summary>
internal readonly struct PostgreSqlRow(NpgsqlDataReader reader) : IResultRow
{
    public bool IsNull(int column) => reader.IsDBNull(column);

    public long Int64(int column) => reader.GetInt64(column);

    public string Text(int column) => StoreText.Read(reader.GetString(column));

    public byte[] Bytes(int column) => reader.GetFieldValue<byte[]>(column);

    public IReadOnlyList<KeyValuePair<string, string>> Tags(int column) => TagText.Read(this.TextOrNull(column), StoreText.Read);
}
