using OrleansSagas.Execution;

namespace OrleansSagas.Orleans.Messages;

/// <summary>
/// A reply on its way back. Within a silo it is handed over as it is; from another silo it travels as a <see cref="JsonMessage"/>.
/// </summary>
[Immutable]
internal sealed class ReplyEnvelope(CommandResult reply)
{
    public CommandResult Reply { get; } = reply;
}
