using System.Text.Json.Serialization;

namespace OrleansSagas.Storage.Sqlite;

[JsonSerializable(typeof(string[]))]
internal sealed partial class TagTextContext : JsonSerializerContext;
