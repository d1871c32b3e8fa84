using OrleansSagas.Execution;

namespace OrleansSagas.Orleans.Messages;

/// <summary>
/// A call on its way to a saga's grain. Within a silo it is handed over as it is, with what cannot travel: the start's data as they were
/// read, or the message itself. To another silo it travels as a <see cref="JsonMessage"/>.
/// </summary>
[Immutable]
internal sealed class SagaEnvelope(CommandEnvelope call, SagaMessage? message = null)
{
    public CommandEnvelope Call { get; } = call;

    /// <summary>The message that a process of this silo gave on; null for a call, and after a journey.</summary>
    public SagaMessage? Message { get; } = message;
}
