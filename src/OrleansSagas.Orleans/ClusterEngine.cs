using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansSagas.Execution;
using OrleansSagas.Orleans.Messages;
using OrleansSagas.Orleans.Requests;
using OrleansSagas.Orleans.Scheduling;
using OrleansSagas.Orleans.Watching;
using OrleansSagas.Storing;

namespace OrleansSagas.Orleans;

/// <summary>The engine of one silo: every saga's messages go to its grain, wherever that is. It holds no saga rules.</summary>
internal sealed partial class ClusterEngine(
    SagaProcesses processes,
    ISagaStore store,
    SagaRuntime runtime,
    IGrainFactory grains,
    SchedulerHeartbeat heartbeat,
    ClusterWatch watch,
    ILocalSiloDetails silo,
    ILogger<ClusterEngine> logger) : ISagaDispatcher, IMessageRoutes, ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan RoutePause = TimeSpan.FromSeconds(1);

    /// <summary>The requests that came to this silo and are not answered yet.</summary>
    private readonly ConcurrentDictionary<(string Namespace, string Key), bool> _requests = new();

    private readonly string _here = silo.SiloAddress.ToParsableString();

    public string? Problem => processes.Problem;

    public void Participate(ISiloLifecycle lifecycle)
    {
        // The store knows this silo after membership does, and before the first grain can be activated here.
        lifecycle.Subscribe(nameof(ClusterEngine), ServiceLifecycleStage.ApplicationServices, OpenAsync);

        // Stopped first of all: sagas are let go of in good order while the rest of the silo still works.
        lifecycle.Subscribe(nameof(SchedulerHeartbeat), ServiceLifecycleStage.Active, _ => StartAsync(), StopAsync);
    }

    public async ValueTask<SagaReply> SendAsync(SagaKey saga, SagaCall call)
    {
        if (processes.Refusal(call) is { } refused)
            return refused;
        try
        {
            var envelope = new SagaEnvelope(call);
            return await SagaProcesses.AskAsync(saga, () => call.Request is { } request ? SendOnceAsync(saga, envelope, request) : SendAsync(saga, envelope));
        }
        catch (Exception exception) when (IsOfTheWay(exception))
        {
            LogNotReached(logger, saga, exception.Message);
            return new SagaReply.Unavailable($"The silo that holds the saga '{saga.Id}' did not answer. Repeat the request with the same Idempotency-Key.");
        }
    }

    public void Route(SagaKey saga, SagaMessage message) => _ = runtime.Start(() => RouteAsync(saga, message));

    /// <summary>Activates a saga again whose activation was lost while attempts of it run here. Where it is held elsewhere by now, they are cancelled.</summary>
    public void Return(SagaKey saga) => _ = runtime.Start(async () =>
    {
        while (processes.IsKept(saga) && !processes.IsStopped)
        {
            try
            {
                if (!await grains.Saga(saga).ReturnAsync(_here))
                    processes.DropKept(saga);
                return;
            }
            catch (Exception exception) when (IsOfTheWay(exception))
            {
                // Without an entry in the directory another silo would take the saga away.
                LogNotReached(logger, saga, exception.Message);
                await Task.Delay(RoutePause, runtime.Clock);
            }
        }
    });

    /// <summary>The first call with a request id goes straight to the saga: the commit knows a repeat. Those that come meanwhile meet in the request's grain.</summary>
    private async ValueTask<SagaReply> SendOnceAsync(SagaKey saga, SagaEnvelope envelope, StoredRequest request)
    {
        var key = (request.Namespace, request.Key);
        if (!_requests.TryAdd(key, true))
            return (await grains.Idempotency(request).SendAsync(saga.ToString(), envelope)).Reply;
        try
        {
            return await SendAsync(saga, envelope);
        }
        finally
        {
            _requests.TryRemove(key, out _);
        }
    }

    private async ValueTask<SagaReply> SendAsync(SagaKey saga, SagaEnvelope envelope) => (await grains.Saga(saga).SendAsync(envelope))!.Reply;

    /// <summary>Gives a message to whoever holds the saga now. What nobody outside will repeat is tried until it arrives.</summary>
    private async Task RouteAsync(SagaKey saga, SagaMessage message)
    {
        while (!processes.IsStopped)
        {
            try
            {
                if (message.IsTick && !message.IsFromOutside)
                    await grains.Saga(saga).WakeAsync();
                else if (await grains.Saga(saga).SendAsync(new SagaEnvelope(message.Call, message)) is { } reply)
                    message.Answer(reply.Reply);
                return;
            }
            catch (Exception exception) when (IsOfTheWay(exception))
            {
                LogNotReached(logger, saga, exception.Message);
                message.Answer(new SagaReply.Unavailable($"The saga '{saga.Id}' could not be reached; repeat the request."));
                if (message.IsFromOutside)
                    return;
            }

            await Task.Delay(RoutePause, runtime.Clock);
        }
    }

    private Task OpenAsync(CancellationToken cancellation) => processes.OpenAsync(
        plans => store is ISagaClusterStore shared
            ? shared.JoinAsync(silo.SiloAddress.ToParsableString(), plans, cancellation)
            : store.OpenAsync(plans, cancellation),
        this);

    private Task StartAsync()
    {
        watch.Start();
        heartbeat.Start();
        return Task.CompletedTask;
    }

    private Task StopAsync(CancellationToken cancellation) => processes.StopAsync(heartbeat.Ended, cancellation);

    /// <summary>Whether it says that a grain could not be reached or did not answer, and not that something is wrong with us.</summary>
    private static bool IsOfTheWay(Exception exception) => exception is TimeoutException or OrleansException or OperationCanceledException or ObjectDisposedException;

    [LoggerMessage(40, LogLevel.Warning, "The silo that holds saga {Saga} did not answer: {Problem}")]
    private static partial void LogNotReached(ILogger logger, SagaKey saga, string problem);
}
