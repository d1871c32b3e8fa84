using System.Text.Json;
using OrleansSagas.Decisions;
using OrleansSagas.Execution;

namespace OrleansSagas.Orleans.Messages;

/// <summary>Between a reply and its form for the journey.</summary>
[RegisterConverter]
internal sealed class ReplyConverter : IConverter<ReplyEnvelope, ReplyMessage>
{
    public ReplyMessage ConvertToSurrogate(in ReplyEnvelope value) =>
        value.Reply switch
        {
            CommandResult.Taken { View: var view } => new()
            {
                Kind = ReplyKind.Taken,
                View = view is null ? null : JsonSerializer.SerializeToUtf8Bytes(view, SagaJsonContext.Default.SagaView),
            },
            CommandResult.Repeated repeated => new() { Kind = ReplyKind.Repeated, Earlier = RequestMessage.Of(repeated.Earlier) },
            CommandResult.Refused refused => new()
            {
                Kind = ReplyKind.Refused,
                Refusal = (byte)refused.Kind,
                Text = refused.Message,
            },
            CommandResult.Unavailable unavailable => new() { Kind = ReplyKind.Unavailable, Text = unavailable.Message },
            CommandResult.Overloaded overloaded => new() { Kind = ReplyKind.Overloaded, Text = overloaded.Message },
            CommandResult.Moved moved => new() { Kind = ReplyKind.Moved, Text = moved.Leaving },
            CommandResult.Elsewhere elsewhere => new() { Kind = ReplyKind.Elsewhere, Needs = NeedsMessage.Of(elsewhere.Needs) },
            _ => throw new NotSupportedException($"A reply of the kind {value.Reply.GetType().Name} does not leave its process."),
        };

    public ReplyEnvelope ConvertFromSurrogate(in ReplyMessage surrogate) =>
        new(
            surrogate.Kind switch
            {
                ReplyKind.Taken => new CommandResult.Taken(
                    surrogate.View is null ? null : JsonSerializer.Deserialize(surrogate.View, SagaJsonContext.Default.SagaView)
                ),
                ReplyKind.Repeated => new CommandResult.Repeated(surrogate.Earlier!.ToRequest()),
                ReplyKind.Refused => new CommandResult.Refused((RejectionKind)surrogate.Refusal, surrogate.Text!),
                ReplyKind.Unavailable => new CommandResult.Unavailable(surrogate.Text!),
                ReplyKind.Overloaded => new CommandResult.Overloaded(surrogate.Text!),
                ReplyKind.Moved => new CommandResult.Moved(surrogate.Text),
                ReplyKind.Elsewhere => new CommandResult.Elsewhere(surrogate.Needs!.ToNeeds()),
                _ => throw new NotSupportedException(
                    $"A reply of the kind {(byte)surrogate.Kind} is not known here: a newer silo sent it."
                ),
            }
        );
}
