using System.Text.Json.Serialization;
using OrleansSagas.Bench.Measuring;
using OrleansSagas.Bench.Silo;

namespace OrleansSagas.Bench.Peers;

/// <summary>How requests, answers and the talk with the benchmark are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(SiloReading))]
[JsonSerializable(typeof(StoreContents))]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(OrderView))]
internal sealed partial class PeerJson : JsonSerializerContext;
