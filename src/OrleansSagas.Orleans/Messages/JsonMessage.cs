using System.Text.Json;
using OrleansSagas.Execution;

namespace OrleansSagas.Orleans.Messages;

/// <summary>
/// A call or its result on the way from one silo to another. What is in it is the engine's to say: <see cref="TravelJson"/>.
/// </summary>
[GenerateSerializer, Alias("sagas.message"), Immutable]
internal struct JsonMessage
{
    [Id(0)]
    public byte[] Json;
}

/// <summary>Between a call and its form for the journey.</summary>
[RegisterConverter]
internal sealed class SagaEnvelopeConverter : IConverter<SagaEnvelope, JsonMessage>
{
    public JsonMessage ConvertToSurrogate(in SagaEnvelope value) =>
        new() { Json = JsonSerializer.SerializeToUtf8Bytes(value.Call, TravelJson.Default.CommandEnvelope) };

    public SagaEnvelope ConvertFromSurrogate(in JsonMessage surrogate) =>
        new(JsonSerializer.Deserialize(surrogate.Json, TravelJson.Default.CommandEnvelope)!);
}

/// <summary>Between a result and its form for the journey.</summary>
[RegisterConverter]
internal sealed class ReplyEnvelopeConverter : IConverter<ReplyEnvelope, JsonMessage>
{
    public JsonMessage ConvertToSurrogate(in ReplyEnvelope value) =>
        new() { Json = JsonSerializer.SerializeToUtf8Bytes(value.Reply, TravelJson.Default.CommandResult) };

    public ReplyEnvelope ConvertFromSurrogate(in JsonMessage surrogate) =>
        new(JsonSerializer.Deserialize(surrogate.Json, TravelJson.Default.CommandResult)!);
}
