using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansSagas.Http.Problems;

[JsonSerializable(typeof(SagaProblem))]
internal sealed partial class ProblemJsonContext : JsonSerializerContext
{
    /// <summary>Quotes stay readable. The answer is never taken for HTML: its type is set, and sniffing is forbidden.</summary>
    public static ProblemJsonContext Readable { get; } =
        new(
            new(JsonSerializerDefaults.Web)
            {
                DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            }
        );
}
