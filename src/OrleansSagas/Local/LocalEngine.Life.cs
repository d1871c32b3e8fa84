using Microsoft.Extensions.Logging;
using OrleansSagas.Owning;
using OrleansSagas.Storing;

namespace OrleansSagas.Local;

/// <summary>Start, the watch on the clock, and stop.</summary>
internal sealed partial class LocalEngine
{
    private const int PageSize = 256;

    private static readonly TimeSpan ActivePause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TurnTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan QuietTimeout = TimeSpan.FromSeconds(5);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var opened = await _store.OpenAsync([.. _catalog.All.Select(definition => definition.Plan.Identity)], cancellationToken);
        if (opened.Missing.Count > 0)
            throw new MissingDefinitionException(opened.Missing);
        _tools = _toolsOf(opened.Incarnation);
        LogStarted(_logger, opened.Incarnation.Value, _catalog.All.Count);
        _clock = _runtime.Start(WatchClockAsync);
    }

    /// <summary>Takes no new work, lets running steps finish for a bounded time, and loses nothing: what did not finish runs again at the next start.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        BeginDraining();
        try
        {
            await _clock;
            await WhenQuietAsync(TurnTimeout); // whoever was about to begin an attempt has begun it
            await WhenDrainedAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            LogStillRunning(_logger, Volatile.Read(ref _running));
        }

        await WhenQuietAsync(QuietTimeout);
        IsStopped = true;
        foreach (var owner in Owners)
            owner.Abandon();
    }

    private void BeginDraining()
    {
        if (IsDraining)
            return;
        IsDraining = true;
        _watch.Close();
        _ = _runtime.Start(() =>
        {
            // What users registered on the token runs here, and may take its time.
            _stopping.Cancel();
            return Task.CompletedTask;
        });

        // Whoever has nothing running lets go now, so that the next start need not count its attempt as lost.
        foreach (var owner in Owners)
            owner.Post(Letter.Tick());
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
            if (Volatile.Read(ref _running) > 0 && !await Waiting.ForAsync(drained.Task, left > TimeSpan.Zero ? left : TimeSpan.Zero, _runtime.Clock, cancellation))
                throw new TimeoutException();
        }
    }

    private async Task WhenQuietAsync(TimeSpan longest)
    {
        var began = _runtime.Clock.GetTimestamp();
        while (_owners.Values.Any(owner => owner.IsBusy) && _runtime.Clock.GetElapsedTime(began) < longest)
            await Task.Delay(TimeSpan.FromMilliseconds(5), _runtime.Clock);
    }

    private async Task WatchClockAsync()
    {
        // Twice as often as a saga may be idle in memory, and as far ahead: so each is loaded in time to keep its own exact timer.
        var period = _options.IdleAfter / 2;
        var slots = new Slots(_options.ResumeParallelism);
        while (!IsDraining)
        {
            try
            {
                await ResumeAsync(slots, after => _store.FindOrphansAsync([_tools!.Incarnation], after, PageSize, Stopping));
                await ResumeAsync(slots, after => _store.FindDueAsync(_runtime.Clock.GetUtcNow() + _options.IdleAfter, after, PageSize, Stopping));
            }
            catch (OperationCanceledException) when (IsDraining)
            {
                return;
            }
            catch (Exception exception)
            {
                // Whatever it was: without this loop no saga would ever be woken again.
                LogCannotLook(_logger, exception);
            }

            try
            {
                await Task.Delay(period, _runtime.Clock, Stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Loads what was found, page by page, a bounded number at a time.</summary>
    private async Task ResumeAsync(Slots slots, Func<DueSaga?, Task<IReadOnlyList<DueSaga>>> find)
    {
        DueSaga? last = null;
        while (!IsDraining)
        {
            var page = await find(last);
            foreach (var due in page)
            {
                if (_owners.ContainsKey(due.Key))
                    continue;
                await Waiting.ForAsync(slots.TakeAsync(), Timeout.InfiniteTimeSpan, _runtime.Clock, Stopping);
                while (ActiveSagas >= _options.MaxActiveSagas)
                    await Task.Delay(ActivePause, _runtime.Clock, Stopping);
                _ = _runtime.Start(() => ResumeOneAsync(due.Key, slots));
            }

            if (page.Count < PageSize)
                return;
            last = page[^1];
        }
    }

    private async Task ResumeOneAsync(SagaKey saga, Slots slots)
    {
        try
        {
            // One that cannot be loaded now is found again at the next look.
            var reply = new TaskCompletionSource<SagaReply>(TaskCreationOptions.RunContinuationsAsynchronously);
            Deliver(saga, Letter.Tick(reply));
            await reply.Task;
        }
        finally
        {
            slots.Release();
        }
    }

    [LoggerMessage(20, LogLevel.Information, "The saga engine has started: incarnation {Incarnation}, {Definitions} definitions.")]
    private static partial void LogStarted(ILogger logger, long incarnation, int definitions);

    [LoggerMessage(21, LogLevel.Warning, "{Running} attempts were still running when the engine stopped; their steps run again at the next start.")]
    private static partial void LogStillRunning(ILogger logger, int running);

    [LoggerMessage(22, LogLevel.Warning, "The store did not say which sagas are due; it is asked again.")]
    private static partial void LogCannotLook(ILogger logger, Exception exception);
}
