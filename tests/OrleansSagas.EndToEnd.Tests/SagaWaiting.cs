namespace OrleansSagas.EndToEnd.Tests;

/// <summary>Waits with a bound, and says what was awaited and what was seen.</summary>
internal static class SagaWaiting
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until the saga looks as wanted.</summary>
    public static async Task<SagaView> UntilAsync(this ISagaHandle saga, Func<SagaView, bool> wanted, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        SagaView? seen = null;
        try
        {
            while (true)
            {
                seen = await saga.GetAsync(patience.Token);
                if (wanted(seen))
                    return seen;
                await Task.Delay(Glance, patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Waited {Patience} for saga {saga.Id} to be {what}; saw last: {Said(seen)}");
        }
    }

    /// <summary>Waits until the silo knows the saga.</summary>
    public static async Task UntilKnownAsync(this ISagaHandle saga)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await saga.GetAsync();
                return;
            }
            catch (SagaNotFoundException) when (TimeProvider.System.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(Glance);
            }
        }
    }

    /// <summary>Ends with an exception where the sequence does not end in time.</summary>
    public static async IAsyncEnumerable<T> Bounded<T>(this IAsyncEnumerable<T> items)
    {
        using var patience = new CancellationTokenSource(Patience);
        var seen = 0;
        await using var each = items.GetAsyncEnumerator(patience.Token);
        while (await NextAsync())
        {
            seen++;
            yield return each.Current;
        }

        async ValueTask<bool> NextAsync()
        {
            try
            {
                return await each.MoveNextAsync();
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Waited {Patience} for the end of what is streamed; saw {seen} items.");
            }
        }
    }

    /// <summary>Waits for the saga's end, and holds it to be <paramref name="status"/>.</summary>
    public static async Task<SagaView> EndsAsync(this ISagaHandle saga, SagaStatus status)
    {
        var view = await saga.WaitAsync(Patience);
        Assert.True(view.Status == status, $"Saga {saga.Id} was to end {status}; it is: {Said(view)}");
        return view;
    }

    public static string Said(SagaView? view) =>
        view is null
            ? "nothing"
            : $"{view.Status} at revision {view.Revision} ({view.Reason}, {view.Error}); {string.Join("; ", view.Steps.Select(Said))}";

    private static string Said(StepView step) =>
        $"{step.Path} {step.Status}, attempts {step.Attempts}/{step.UndoAttempts}, {step.Error}{step.UndoError}";
}
