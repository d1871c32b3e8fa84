using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansSagas.Http.Health;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(HealthAnswer))]
internal sealed partial class HealthJsonContext : JsonSerializerContext;
