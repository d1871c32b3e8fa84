using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansSagas;

internal sealed class SagaIdJsonConverter : JsonConverter<SagaId>
{
    public override SagaId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        SagaId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("This is not a saga id.");

    public override void Write(Utf8JsonWriter writer, SagaId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
