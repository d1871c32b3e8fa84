using OrleansSagas.Decisions;
using OrleansSagas.Storage;

namespace OrleansSagas.Execution;

/// <summary>What one turn of a process would make durable: the messages it takes, what they lead to, and the state after it.</summary>
internal sealed class PendingCommit(SagaState? before, object? data)
{
    public SagaState? Before { get; } = before;

    /// <summary>The state after what was decided so far.</summary>
    public SagaState? State { get; set; } = before;

    /// <summary>The typed data of <see cref="State"/>.</summary>
    public object? Data { get; set; } = data;

    public List<(SagaMessage Message, Decision Decision)> Taken { get; } = [];

    public List<StoredEntry> Entries { get; } = [];

    /// <summary>The request that this turn answers; one a turn, because a commit has one.</summary>
    public StoredRequest? Request { get; set; }

    public SagaRow? Row { get; set; }

    /// <summary>Whether the saga is let go of by this turn's commit.</summary>
    public bool ShouldRelease { get; set; }
}
