using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansSagas;

internal sealed class SagaDataJsonConverter : JsonConverter<SagaData>
{
    public override SagaData Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            document.RootElement.WriteTo(writer);
        return new SagaData(buffer.WrittenMemory);
    }

    public override void Write(Utf8JsonWriter writer, SagaData value, JsonSerializerOptions options)
    {
        if (value.Utf8Json.IsEmpty)
            writer.WriteNullValue();
        else
            writer.WriteRawValue(value.Utf8Json.Span, skipInputValidation: true);
    }
}
