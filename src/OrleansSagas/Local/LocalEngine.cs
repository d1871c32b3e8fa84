using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansSagas.Owning;
using OrleansSagas.Storing;

namespace OrleansSagas.Local;

/// <summary>The engine for one process: every saga's owner is here, and a loop watches the clock. It holds no saga rules.</summary>
internal sealed partial class LocalEngine : ISagaRouter, IOwnerRoutes, IHostedService
{
    private readonly OwnerHouse _house;
    private readonly ISagaStore _store;
    private readonly SagaRuntime _runtime;
    private readonly SagaOptions _options;
    private readonly Waker _waker;
    private readonly ILogger<LocalEngine> _logger;

    private Task _clock = Task.CompletedTask;

    public LocalEngine(OwnerHouse house, ISagaStore store, SagaRuntime runtime, SagaOptions options, ILogger<LocalEngine> logger)
    {
        (_house, _store, _runtime, _options, _logger) = (house, store, runtime, options, logger);
        _waker = new Waker(store, runtime, options, due => !house.Holds(due.Key), house.WakeAsync);
    }

    public string? Problem => _house.Problem;

    /// <summary>How many sagas are in memory.</summary>
    public int ActiveSagas => _house.ActiveSagas;

    public ValueTask<SagaReply> SendAsync(SagaKey saga, SagaCall call) =>
        _house.Closed is { } closed ? ValueTask.FromResult<SagaReply>(closed) : _house.SendAsync(saga, call);

    public void Route(SagaKey saga, Letter letter) => _house.Deliver(saga, letter);

    public void Closed(SagaKey saga)
    {
        // The next letter makes the next owner.
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _house.OpenAsync(plans => _store.OpenAsync(plans, cancellationToken), this);
        _clock = _runtime.Start(WatchClockAsync);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _house.StopAsync(_clock, cancellationToken);

    private async Task WatchClockAsync()
    {
        // Twice as often as a saga may be idle in memory.
        var period = _options.IdleAfter / 2;
        while (!_house.IsDraining)
        {
            try
            {
                await _waker.LookAsync([_house.Incarnation], _house.Stopping);
            }
            catch (OperationCanceledException) when (_house.IsDraining)
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
                await Task.Delay(period, _runtime.Clock, _house.Stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(22, LogLevel.Warning, "The store did not say which sagas are due; it is asked again.")]
    private static partial void LogCannotLook(ILogger logger, Exception exception);
}
