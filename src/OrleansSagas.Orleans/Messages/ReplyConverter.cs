using System.Text.Json;
using OrleansSagas.Decisions;
using OrleansSagas.Execution;

namespace OrleansSagas.Orleans.Messages;

/// <summary>Between a reply and its form for the journey.</summary>
[RegisterConverter]
internal sealed class ReplyConverter : IConverter<ReplyEnvelope, ReplyMessage>
{
    public ReplyMessage ConvertToSurrogate(in ReplyEnvelope value) => value.Reply switch
    {
        SagaReply.Taken { View: var view } => new() { Kind = ReplyKind.Taken, View = view is null ? null : JsonSerializer.SerializeToUtf8Bytes(view, SagaJsonContext.Default.SagaView) },
        SagaReply.Repeated repeated => new() { Kind = ReplyKind.Repeated, Earlier = RequestMessage.Of(repeated.Earlier) },
        SagaReply.Refused refused => new() { Kind = ReplyKind.Refused, Refusal = (byte)refused.Kind, Text = refused.Message },
        SagaReply.Unavailable unavailable => new() { Kind = ReplyKind.Unavailable, Text = unavailable.Message },
        SagaReply.Overloaded overloaded => new() { Kind = ReplyKind.Overloaded, Text = overloaded.Message },
        SagaReply.Moved moved => new() { Kind = ReplyKind.Moved, Text = moved.Leaving },
        SagaReply.Elsewhere elsewhere => new() { Kind = ReplyKind.Elsewhere, Needs = NeedsMessage.Of(elsewhere.Needs) },
        _ => throw new NotSupportedException($"A reply of the kind {value.Reply.GetType().Name} does not leave its process."),
    };

    public ReplyEnvelope ConvertFromSurrogate(in ReplyMessage surrogate) => new(surrogate.Kind switch
    {
        ReplyKind.Taken => new SagaReply.Taken(surrogate.View is null ? null : JsonSerializer.Deserialize(surrogate.View, SagaJsonContext.Default.SagaView)),
        ReplyKind.Repeated => new SagaReply.Repeated(surrogate.Earlier!.ToRequest()),
        ReplyKind.Refused => new SagaReply.Refused((RejectionKind)surrogate.Refusal, surrogate.Text!),
        ReplyKind.Unavailable => new SagaReply.Unavailable(surrogate.Text!),
        ReplyKind.Overloaded => new SagaReply.Overloaded(surrogate.Text!),
        ReplyKind.Moved => new SagaReply.Moved(surrogate.Text),
        ReplyKind.Elsewhere => new SagaReply.Elsewhere(surrogate.Needs!.ToNeeds()),
        _ => throw new NotSupportedException($"A reply of the kind {(byte)surrogate.Kind} is not known here: a newer silo sent it."),
    });
}
