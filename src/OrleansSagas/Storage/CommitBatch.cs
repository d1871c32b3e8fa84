using OrleansSagas.Telemetry;

namespace OrleansSagas.Storage;

/// <summary>The commits that go into one transaction, in the order in which they came. It is used again for the next transaction.</summary>
internal sealed class CommitBatch
{
    private readonly GroupCommit _group;
    private readonly WaitingCommit?[] _waiting;
    private readonly CommitResult[] _results;
    private readonly bool[] _answered;

    internal CommitBatch(GroupCommit group, IBatchWriter writer, int capacity)
    {
        (_group, Writer) = (group, writer);
        _waiting = new WaitingCommit?[capacity];
        _results = new CommitResult[capacity];
        _answered = new bool[capacity];
    }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The commit at <paramref name="index"/>.</summary>
    public SagaCommit this[int index] => _waiting[index]!.Commit!;

    /// <summary>Says what became of the commit at <paramref name="index"/>; the last answer counts.</summary>
    public void Answer(int index, CommitResult result)
    {
        _results[index] = result;
        _answered[index] = true;
    }

    /// <summary>Says of every commit that nothing was written, or that nobody knows.</summary>
    public void AnswerAll(CommitOutcome outcome, Exception error)
    {
        for (var i = 0; i < Count; i++)
            Answer(i, new CommitResult(outcome, Error: error));
    }

    /// <summary>
    /// Wakes every caller with its answer, before <see cref="IBatchWriter.WriteAsync"/> has completed. True: so many others wait that they
    /// are the batch now, to be written under the same call. A writer need not ask; one that blocks a thread spares itself the way over the
    /// scheduler, where the callers that it has just woken stand in front.
    /// </summary>
    public bool TryTakeNextBatch() => _group.TryTakeNextBatch(this);

    internal IBatchWriter Writer { get; }

    /// <summary>When it was filled, in the clock's timestamp; null where nobody wants to know.</summary>
    internal long? FilledAt { get; set; }

    internal void Add(WaitingCommit waiting) => _waiting[Count++] = waiting;

    /// <summary>Wakes every caller with its answer, and empties the batch.</summary>
    internal void Complete(Exception? error, CommitInstruments? instruments)
    {
        var now = instruments?.BatchAnswered(Count, FilledAt);
        for (var i = 0; i < Count; i++)
        {
            var result = _answered[i] ? _results[i] : new CommitResult(CommitOutcome.Unknown, Error: error ?? NoAnswer());
            var waiting = _waiting[i]!;
            _waiting[i] = null;
            _results[i] = default;
            _answered[i] = false;
            instruments?.CommitAnswered(result.Outcome, waiting.EnqueuedAt, now);
            waiting.Complete(result);
        }

        Count = 0;
    }

    private static StoreException NoAnswer() => new("The store's writer did not say what became of a commit. This is a bug in the store.");
}
