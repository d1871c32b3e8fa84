using Microsoft.Extensions.Logging;

namespace OrleansSagas.Execution;

/// <summary>
/// How a silo lets go of its sagas: nothing new begins, what runs may finish, and what did not finish runs again elsewhere or at the next
/// start.
/// </summary>
internal sealed partial class SagaProcesses
{
    private static readonly TimeSpan TurnTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan QuietTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long it may take to let go of the sagas, beside the wait for steps.</summary>
    internal static TimeSpan LettingGo => TurnTimeout + QuietTimeout;

    /// <summary>The processes, in an order that does not depend on hashes.</summary>
    internal SagaProcess[] All => [.. _processes.Values.OrderBy(process => process.Key, SagaKey.Order)];

    /// <summary>Takes no new work from outside; whoever has nothing running lets go now.</summary>
    public void BeginDraining()
    {
        if (IsDraining)
            return;
        IsDraining = true;
        _watch.Close();
        _ = _runtime.Start(() =>
        {
            // What users registered on the token runs here, and may take its time.
#pragma warning disable VSTHRD103 // it is in a turn of its own already
            _stopping.Cancel();
#pragma warning restore VSTHRD103
            return Task.CompletedTask;
        });

        // At once, so that the next start need not count the attempt of any of them as lost.
        foreach (var process in All)
            process.Send(SagaMessage.Tick());
    }

    /// <summary>Takes no new work, lets running steps finish for a bounded time, and loses nothing.</summary>
    /// <param name="whoWakes">
    /// What may still be bringing sagas in; it ends by itself once draining has begun. A call of it that nobody answers holds up no stop.
    /// </param>
    /// <param name="cancellation">Cuts the wait for running steps short.</param>
    public async Task StopAsync(Task whoWakes, CancellationToken cancellation)
    {
        BeginDraining();
        try
        {
            _ = await Waiting.ForAsync(whoWakes, QuietTimeout, _runtime.Clock, cancellation);
            await WhenQuietAsync(TurnTimeout); // whoever was about to begin an attempt has begun it
            await WhenDrainedAsync(cancellation);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            LogStillRunning(_logger, Volatile.Read(ref _running));

            // That they may have been done is recorded; that they were not waited for counts nothing.
            foreach (var process in All)
                process.SendRelease();
        }

        await WhenQuietAsync(QuietTimeout);
        IsStopped = true;
        foreach (var process in All)
            process.CancelAll();
    }

    /// <summary>Waits until no attempt runs. One may begin just when the last one leaves, so it is looked again.</summary>
    /// <exception cref="TimeoutException">Some still run when the time is up.</exception>
    private async Task WhenDrainedAsync(CancellationToken cancellation)
    {
        var began = _runtime.Clock.GetTimestamp();
        while (Volatile.Read(ref _running) > 0)
        {
            var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _drained, drained);
            var left = _options.StopTimeout - _runtime.Clock.GetElapsedTime(began);
            if (
                Volatile.Read(ref _running) > 0
                && !await Waiting.ForAsync(drained.Task, left > TimeSpan.Zero ? left : TimeSpan.Zero, _runtime.Clock, cancellation)
            )
                throw new TimeoutException();
        }
    }

    private async Task WhenQuietAsync(TimeSpan longest)
    {
        var began = _runtime.Clock.GetTimestamp();
        while (_processes.Values.Any(process => process.IsBusy) && _runtime.Clock.GetElapsedTime(began) < longest)
            await Task.Delay(TimeSpan.FromMilliseconds(5), _runtime.Clock);
    }

    [LoggerMessage(
        21,
        LogLevel.Warning,
        "{Running} attempts were still running when the engine stopped; their steps run again at the next start."
    )]
    private static partial void LogStillRunning(ILogger logger, int running);
}
