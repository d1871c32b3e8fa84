using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Opening;

/// <summary>The versions that an engine defines as one text: a JSON array of type, version and fingerprint in turn.</summary>
internal static partial class PlanText
{
    internal static string Write(IReadOnlyList<PlanIdentity> plans) =>
        JsonSerializer.Serialize(
            [
                .. plans.SelectMany(plan =>
                    (string[])
                        [StoreText.Write(plan.Type), plan.Version.ToString(CultureInfo.InvariantCulture), StoreText.Write(plan.Fingerprint)]
                ),
            ],
            PlanTextContext.Default.StringArray
        );

    internal static IReadOnlyList<PlanIdentity>? Read(string? text) =>
        text is null
            ? null
            :
            [
                .. JsonSerializer
                    .Deserialize(text, PlanTextContext.Default.StringArray)!
                    .Chunk(3)
                    .Select(plan => new PlanIdentity(
                        StoreText.Read(plan[0]),
                        int.Parse(plan[1], CultureInfo.InvariantCulture),
                        StoreText.Read(plan[2])
                    )),
            ];

    [JsonSerializable(typeof(string[]))]
    private sealed partial class PlanTextContext : JsonSerializerContext;
}
