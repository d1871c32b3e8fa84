using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansSagas.Orleans.Messages;
using OrleansSagas.Orleans;
using OrleansSagas.Orleans.Requests;
using OrleansSagas.Orleans.Scheduling;
using OrleansSagas.Orleans.Watching;
using OrleansSagas.Execution;
using OrleansSagas.Storing;

namespace OrleansSagas.Orleans;

/// <summary>The engine of one silo among many: every saga's messages go by way of its grain, wherever that is. It holds no saga rules.</summary>
internal sealed partial class ClusterEngine(
    SagaProcesses processes,
    ISagaStore store,
    SagaRuntime runtime,
    IGrainFactory grains,
    SagaGrains ours,
    SchedulerHeartbeat pulse,
    ClusterWatch watch,
    ILocalSiloDetails silo,
    ILogger<ClusterEngine> logger) : ISagaDispatcher, IMessageRoutes, ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>How long a caller's wait for the end is held at the saga's owner; after that the front door watches the saga. Well below the time in which a grain must answer.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RoutePause = TimeSpan.FromSeconds(1);

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
        if (processes.Closed is { } closed)
            return closed;
        try
        {
            var envelope = new SagaEnvelope(call.Wait > LongestWait ? call with { Wait = LongestWait } : call);
            var reply = call.Request is { } request
                ? await grains.Idempotency(request).SendAsync(saga.ToString(), envelope)
                : await grains.Saga(saga).SendAsync(envelope);
            return reply!.Reply;
        }
        catch (Exception exception) when (IsOfTheWay(exception))
        {
            LogNotReached(logger, saga, exception.Message);
            return new SagaReply.Unavailable($"The silo that holds the saga '{saga.Id}' did not answer. Repeat the request with the same Idempotency-Key.");
        }
    }

    public void Route(SagaKey saga, SagaMessage message) => _ = runtime.Start(() => RouteAsync(saga, message));

    public void Closed(SagaKey saga) => ours.Closed(saga);

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
        pulse.Start();
        return Task.CompletedTask;
    }

    private Task StopAsync(CancellationToken cancellation) => processes.StopAsync(pulse.Ended, cancellation);

    /// <summary>Whether it says that a grain could not be reached or did not answer, and not that something is wrong with us.</summary>
    private static bool IsOfTheWay(Exception exception) => exception is TimeoutException or OrleansException or OperationCanceledException or ObjectDisposedException;

    [LoggerMessage(40, LogLevel.Warning, "The silo that holds saga {Saga} did not answer: {Problem}")]
    private static partial void LogNotReached(ILogger logger, SagaKey saga, string problem);
}
