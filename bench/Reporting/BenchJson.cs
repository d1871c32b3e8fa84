using System.Text.Json.Serialization;
using OrleansSagas.Bench.Load;
using OrleansSagas.Bench.Measuring;
using OrleansSagas.Bench.Silo;

namespace OrleansSagas.Bench.Reporting;

/// <summary>How results and the talk between the two processes are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(SiloOptions))]
[JsonSerializable(typeof(SiloReading))]
[JsonSerializable(typeof(StoreContents))]
[JsonSerializable(typeof(LoadResult))]
[JsonSerializable(typeof(WakeUpScan))]
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class BenchJson : JsonSerializerContext;
