using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace OrleansSagas.Watching;

/// <summary>Tells those who watch a saga that it changed; a saga that nobody watches costs one look at a counter.
/// The store is the truth: a watcher reads it, and only its patience depends on being told.</summary>
public sealed class SagaWatch
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

        // The dictionary's own copy is of one moment; what LINQ makes of a collection asks for its size first, and meanwhile watchers come and go.
        foreach (var (_, watchers) in _watchers.ToArray().OrderBy(saga => saga.Key, SagaKey.Order))
            foreach (var watcher in watchers)
                watcher.Signal();
    }

    /// <summary>Begins to watch.</summary>
    public Watcher Watch(SagaKey saga)
    {
        var watcher = new Watcher(this, saga);
        var all = _watchers.AddOrUpdate(saga, static (_, added) => [added], static (_, all, added) => all.Add(added), watcher);
        Interlocked.Increment(ref _count);
        if (all.Length == 1)
            Relay?.Watched(saga);
        return watcher;
    }

    /// <summary>Says that a saga that is held here changed.</summary>
    internal void Changed(SagaKey saga, long revision)
    {
        Announce(saga);
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

        internal Watcher(SagaWatch watch, SagaKey saga)
        {
            _watch = watch;
            _saga = saga;
        }

        /// <summary>Completes when the saga changed since this was last asked. Ask before reading, wait after.</summary>
        public Task NextChange()
        {
            // A new one each time: whoever waited in vain for the one before leaves nothing behind.
            var changed = New();
            Volatile.Write(ref _changed, changed);
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
