using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace OrleansSagas.Notifications;

/// <summary>
/// Tells those who watch a saga that it changed; a saga that nobody watches costs one look at a counter. The store is the truth: a watcher
/// reads it, and being told only says when.
/// </summary>
internal sealed class SagaWatch
{
    private readonly ConcurrentDictionary<SagaKey, ImmutableArray<Watcher>> _watchers = new();
    private int _count;

    /// <summary>Whether the engine stops, so that nobody should wait any more.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Carries news between the processes of a cluster; null where there is only this one.</summary>
    internal IWatchRelay? Relay { get; set; }

    /// <summary>The sagas that somebody here watches.</summary>
    internal IEnumerable<SagaKey> Watched => _watchers.Select(watched => watched.Key);

    /// <summary>Lets go of all who watch.</summary>
    public void Close()
    {
        IsClosed = true;

        // The dictionary's own copy is of one moment; what LINQ makes of a collection asks for its size first, and meanwhile watchers come
        // and go.
        foreach (var (_, watchers) in _watchers.ToArray().OrderBy(saga => saga.Key, SagaKey.Order))
        foreach (var watcher in watchers)
            watcher.Signal();
    }

    /// <summary>Begins to watch.</summary>
    public Watcher Watch(SagaKey saga)
    {
        var watcher = Add(saga, onlyTheEnd: false);
        watcher.Follow();
        return watcher;
    }

    /// <summary>
    /// Begins to wait for the end of a saga that is about to be started here. <see cref="Watcher.Follow"/> is for when it turns out to be
    /// held elsewhere.
    /// </summary>
    internal Watcher WatchForEnd(SagaKey saga) => Add(saga, onlyTheEnd: true);

    private Watcher Add(SagaKey saga, bool onlyTheEnd)
    {
        var watcher = new Watcher(this, saga, onlyTheEnd);
        _ = _watchers.AddOrUpdate(saga, static (_, added) => [added], static (_, all, added) => all.Add(added), watcher);
        Interlocked.Increment(ref _count);
        return watcher;
    }

    /// <summary>Says that a saga that is held here changed.</summary>
    /// <param name="saga">The saga.</param>
    /// <param name="revision">The number of its last entry.</param>
    /// <param name="end">Shows the saga as it ended; null where it has not.</param>
    internal void Changed(SagaKey saga, long revision, Func<SagaView>? end)
    {
        if (Volatile.Read(ref _count) > 0 && _watchers.TryGetValue(saga, out var watchers))
        {
            SagaView? ended = null;
            foreach (var watcher in watchers)
            {
                if (end is not null && watcher.OnlyTheEnd)
                    watcher.End = ended ??= end();
                Interlocked.MemoryBarrier(); // either the watcher sees the end, or this sees what the watcher waits for
                if (end is not null || !watcher.OnlyTheEnd)
                    watcher.Signal();
            }
        }

        Relay?.Changed(saga, revision);
    }

    /// <summary>Tells those who watch the saga here that it changed.</summary>
    public void Announce(SagaKey saga)
    {
        if (Volatile.Read(ref _count) == 0 || !_watchers.TryGetValue(saga, out var watchers))
            return;
        foreach (var watcher in watchers)
            watcher.Signal();
    }

    /// <summary>One who watches a saga.</summary>
    public sealed class Watcher : IDisposable
    {
        private readonly SagaWatch _watch;
        private readonly SagaKey _saga;
        private TaskCompletionSource _changed = New();
        private volatile bool _isFollowing;

        internal Watcher(SagaWatch watch, SagaKey saga, bool onlyTheEnd)
        {
            _watch = watch;
            _saga = saga;
            OnlyTheEnd = onlyTheEnd;
        }

        /// <summary>Whether only the saga's end matters to it.</summary>
        internal bool OnlyTheEnd { get; }

        /// <summary>The saga as it ended, where it ended here since this began to watch for that; null otherwise.</summary>
        internal SagaView? End { get; set; }

        /// <summary>Sees to it that news of a saga that is held elsewhere come here.</summary>
        internal void Follow()
        {
            if (_watch.Relay is not { } relay)
                return;
            var isFirst = !_watch._watchers.TryGetValue(_saga, out var all) || !all.Any(static watcher => watcher._isFollowing);
            _isFollowing = true;
            if (isFirst)
                relay.Watched(_saga);
        }

        /// <summary>Completes when the saga changed since this was last asked. Ask before reading, wait after.</summary>
#pragma warning disable VSTHRD200 // it does nothing, and gives what can be awaited
        public Task NextChange()
#pragma warning restore VSTHRD200
        {
            // A new one each time: whoever waited in vain for the one before leaves nothing behind.
            var changed = New();
            Interlocked.Exchange(ref _changed, changed);
            return changed.Task;
        }

        /// <inheritdoc />
        public void Dispose()
        {
            while (_watch._watchers.TryGetValue(_saga, out var all) && all.Contains(this))
            {
                var rest = all.Remove(this);
                var removed = rest.IsEmpty
                    ? ((ICollection<KeyValuePair<SagaKey, ImmutableArray<Watcher>>>)_watch._watchers).Remove(new(_saga, all))
                    : _watch._watchers.TryUpdate(_saga, rest, all);
                if (removed)
                    Interlocked.Decrement(ref _watch._count);
            }
        }

        internal void Signal() => Volatile.Read(ref _changed).TrySetResult();

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
