using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansSagas.Plans;

internal sealed class StepPathJsonConverter : JsonConverter<StepPath>
{
    public override StepPath Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        StepPath.Parse(reader.GetString() ?? throw new JsonException("A step has no path."));

    public override void Write(Utf8JsonWriter writer, StepPath value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);
}
