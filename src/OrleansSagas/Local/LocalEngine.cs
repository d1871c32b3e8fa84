using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansSagas.Execution;
using OrleansSagas.Storage;
using OrleansSagas.Telemetry;

namespace OrleansSagas.Local;

/// <summary>The engine for one process: every saga's process is here, and a loop watches the clock. It holds no saga rules.</summary>
internal sealed partial class LocalEngine : ISagaDispatcher, IMessageRoutes, IHostedService
{
    private readonly SagaProcesses _processes;
    private readonly ISagaStore _store;
    private readonly SagaRuntime _runtime;
    private readonly SagaOptions _options;
    private readonly DueSagaScanner _scanner;
    private readonly HeldSagaScanner _held;
    private readonly OwnRowScanner _ownRows;
    private readonly StoredSagaCounter _counter;
    private readonly ILogger<LocalEngine> _logger;

    private Task _clock = Task.CompletedTask;

    /// <summary>How often the clock is looked at: twice as often as a saga may be idle in memory.</summary>
    private TimeSpan Period => _options.IdleAfter / 2;

    public LocalEngine(
        SagaProcesses processes,
        ISagaStore store,
        SagaRuntime runtime,
        SagaOptions options,
        SagaInstruments instruments,
        ILogger<LocalEngine> logger
    )
    {
        (_processes, _store, _runtime, _options, _logger) = (processes, store, runtime, options, logger);
        _counter = new StoredSagaCounter(store, SagaPartition.All, instruments, runtime, Period, logger);
        _ownRows = new OwnRowScanner(store, processes);
        var waker = new SagaWaker(runtime, options);
        _held = new HeldSagaScanner(store, processes, waker, runtime.Clock, held => WakeAsync(held.Key));
        _scanner = new DueSagaScanner(
            store,
            SagaPartition.All,
            waker,
            runtime.Clock,
            options.IdleAfter,
            due => !processes.Holds(due.Key),
            due => WakeAsync(due.Key)
        );
    }

    public string? Problem => _processes.Problem;

    public string? DefinitionProblem => _processes.DefinitionProblem;

    /// <summary>How many sagas are in memory.</summary>
    public int ActiveSagas => _processes.ActiveSagas;

    public ValueTask<CommandResult> SendAsync(SagaKey saga, CommandEnvelope call) =>
        _processes.Refusal(call) is { } refused
            ? ValueTask.FromResult(refused)
            : SagaProcesses.AskAsync(saga, () => new(AskAsync(saga, new(call) { Reply = NewReply() })));

    public void Route(SagaKey saga, SagaMessage message) => _processes.GetOrOpen(saga).Send(message);

    /// <summary>There is no other engine.</summary>
    public Task<bool> IsElsewhereAsync(SagaNeeds needs) => Task.FromResult(false);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _processes.OpenAsync(plans => _store.OpenAsync(plans, cancellationToken), this);
        _clock = _runtime.Start(WatchClockAsync);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _processes.StopAsync(_clock, cancellationToken);

    private Task<CommandResult> AskAsync(SagaKey saga, SagaMessage message)
    {
        Route(saga, message);
        return message.Reply!.Task;
    }

    private async Task<WakeOutcome> WakeAsync(SagaKey saga)
    {
        if (_processes.IsFull && !_processes.Holds(saga))
            return WakeOutcome.NoRoom;
        return await AskAsync(saga, SagaMessage.Tick(NewReply())) is CommandResult.Unavailable or CommandResult.Moved
            ? WakeOutcome.Failed
            : WakeOutcome.Woken;
    }

    private static TaskCompletionSource<CommandResult> NewReply() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task WatchClockAsync()
    {
        while (!_processes.IsDraining)
        {
            _counter.Begin(_processes.Stopping);
            try
            {
                await _held.ScanAsync();
                await _scanner.ScanAsync([_processes.Incarnation], _processes.Stopping);
                foreach (var lost in await _ownRows.FindLostAsync([], _processes.Stopping))
                    await WakeAsync(lost);
            }
            catch (OperationCanceledException) when (_processes.IsDraining)
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
                await Task.Delay(Period, _runtime.Clock, _processes.Stopping);
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
