namespace OrleansSagas.Shop;

/// <summary>The attempts that are under way in this process, by key, so that an undo can wait for them.</summary>
internal sealed class Flights
{
    private readonly Dictionary<string, Flight> _flights = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    internal Landing Enter(string key)
    {
        lock (_lock)
        {
            if (!_flights.TryGetValue(key, out var flight))
                _flights.Add(key, flight = new Flight());
            flight.Attempts++;
        }

        return new Landing(this, key);
    }

    /// <summary>Waits until no attempt with the key is under way, or the bound has passed.</summary>
    internal async Task WaitAsync(string key, TimeSpan bound, TimeProvider time, CancellationToken cancellation)
    {
        Task landed;
        lock (_lock)
        {
            if (!_flights.TryGetValue(key, out var flight))
                return;
            landed = flight.Landed.Task;
        }

        try
        {
            await landed.WaitAsync(bound, time, cancellation).ConfigureAwait(false);
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
            var flight = _flights[key];
            if (--flight.Attempts > 0)
                return;
            _ = _flights.Remove(key);
            flight.Landed.SetResult();
        }
    }

    internal readonly struct Landing(Flights flights, string key) : IDisposable
    {
        public void Dispose() => flights.Leave(key);
    }

    private sealed class Flight
    {
        internal int Attempts { get; set; }

        internal TaskCompletionSource Landed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
