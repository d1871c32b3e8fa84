namespace OrleansSagas.Shop;

/// <summary>The attempts that are under way in this process, by key, so that an undo can wait for them.</summary>
internal sealed class InFlightCalls
{
    private readonly Dictionary<string, Call> _calls = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    internal Lease Enter(string key)
    {
        lock (_lock)
        {
            if (!_calls.TryGetValue(key, out var call))
                _calls.Add(key, call = new Call());
            call.Attempts++;
        }

        return new Lease(this, key);
    }

    /// <summary>Waits until no attempt with the key is under way, or the bound has passed.</summary>
    internal async Task WaitAsync(string key, TimeSpan bound, TimeProvider time, CancellationToken cancellation)
    {
        Task ended;
        lock (_lock)
        {
            if (!_calls.TryGetValue(key, out var call))
                return;
            ended = call.Ended.Task;
        }

        try
        {
            await ended.WaitAsync(bound, time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The bound: from here on the bar in the books is what keeps a late attempt out.
        }
    }

    private void Leave(string key)
    {
        lock (_lock)
        {
            var call = _calls[key];
            if (--call.Attempts > 0)
                return;
            _ = _calls.Remove(key);
            call.Ended.SetResult();
        }
    }

    internal readonly struct Lease(InFlightCalls calls, string key) : IDisposable
    {
        public void Dispose() => calls.Leave(key);
    }

    private sealed class Call
    {
        internal int Attempts { get; set; }

        internal TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
