using OrleansSagas.Storage;

namespace OrleansSagas.Testing;

/// <summary>What is to go wrong with the store.</summary>
public sealed class StoreFaults
{
    private readonly VirtualTime _time;
    private readonly Queue<MemoryStoreFault> _next = new();
    private readonly Lock _gate = new();
    private long _awayUntil = long.MinValue;
    private bool _wasMissed = true;

    internal StoreFaults(VirtualTime time) => _time = time;

    /// <summary>The store cannot be reached for a while from now on: it writes nothing and says so, and it reads nothing.</summary>
    /// <param name="time">How long, in virtual time.</param>
    public StoreFaults IsAwayFor(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero);
        lock (_gate)
        {
            _awayUntil = _time.GetTimestamp() + time.Ticks;
            _wasMissed = false;
        }

        return this;
    }

    /// <summary>The next commits are written, and the store does not say so.</summary>
    public StoreFaults LosesAnswers(int commits = 1) => Plan(MemoryStoreFault.UnknownWritten, commits);

    /// <summary>The next commits are not written, and the store does not say so.</summary>
    public StoreFaults LosesCommits(int commits = 1) => Plan(MemoryStoreFault.UnknownNotWritten, commits);

    internal StoreException? Outage()
    {
        lock (_gate)
        {
            if (_time.GetTimestamp() >= _awayUntil)
                return null;
            _wasMissed = true;
            return new StoreException("The store cannot be reached, says the test.");
        }
    }

    internal MemoryStoreFault NextFault()
    {
        lock (_gate)
            return _next.TryDequeue(out var fault) ? fault : MemoryStoreFault.None;
    }

    internal IEnumerable<string> NotFired()
    {
        lock (_gate)
        {
            var commits = _next.Select(fault =>
                fault == MemoryStoreFault.UnknownWritten ? "the store loses an answer" : "the store loses a commit"
            );
            return [.. _wasMissed ? [] : new[] { "the store is away" }, .. commits];
        }
    }

    private StoreFaults Plan(MemoryStoreFault fault, int commits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(commits, 1);
        lock (_gate)
            for (var i = 0; i < commits; i++)
                _next.Enqueue(fault);
        return this;
    }
}
