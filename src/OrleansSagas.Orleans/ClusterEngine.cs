using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansSagas.Orleans.Messages;
using OrleansSagas.Orleans.Owning;
using OrleansSagas.Orleans.Requests;
using OrleansSagas.Orleans.Waking;
using OrleansSagas.Orleans.Watching;
using OrleansSagas.Owning;
using OrleansSagas.Storing;

namespace OrleansSagas.Orleans;

/// <summary>The engine of one silo among many: every saga's letters go by way of its grain, wherever that is. It holds no saga rules.</summary>
internal sealed partial class ClusterEngine(
    OwnerHouse house,
    ISagaStore store,
    SagaRuntime runtime,
    IGrainFactory grains,
    SagaGrains ours,
    ClusterPulse pulse,
    ClusterWatch watch,
    ILocalSiloDetails silo,
    ILogger<ClusterEngine> logger) : ISagaRouter, IOwnerRoutes, ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>How long a caller's wait for the end is held at the saga's owner; after that the front door watches the saga. Well below the time in which a grain must answer.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RoutePause = TimeSpan.FromSeconds(1);

    public string? Problem => house.Problem;

    public void Participate(ISiloLifecycle lifecycle)
    {
        // The store knows this silo after membership does, and before the first grain can be activated here.
        lifecycle.Subscribe(nameof(ClusterEngine), ServiceLifecycleStage.ApplicationServices, OpenAsync);

        // Stopped first of all: sagas are let go of in good order while the rest of the silo still works.
        lifecycle.Subscribe(nameof(ClusterPulse), ServiceLifecycleStage.Active, _ => StartAsync(), StopAsync);
    }

    public async ValueTask<SagaReply> SendAsync(SagaKey saga, SagaCall call)
    {
        if (house.Closed is { } closed)
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

    public void Route(SagaKey saga, Letter letter) => _ = runtime.Start(() => RouteAsync(saga, letter));

    public void Closed(SagaKey saga) => ours.Closed(saga);

    /// <summary>Gives a letter to whoever holds the saga now. What nobody outside will repeat is tried until it arrives.</summary>
    private async Task RouteAsync(SagaKey saga, Letter letter)
    {
        while (!house.IsStopped)
        {
            try
            {
                if (letter.IsTick && !letter.IsFromOutside)
                    await grains.Saga(saga).WakeAsync();
                else if (await grains.Saga(saga).SendAsync(new SagaEnvelope(letter.Call, letter)) is { } reply)
                    letter.Answer(reply.Reply);
                return;
            }
            catch (Exception exception) when (IsOfTheWay(exception))
            {
                LogNotReached(logger, saga, exception.Message);
                letter.Answer(new SagaReply.Unavailable($"The saga '{saga.Id}' could not be reached; repeat the request."));
                if (letter.IsFromOutside)
                    return;
            }

            await Task.Delay(RoutePause, runtime.Clock);
        }
    }

    private Task OpenAsync(CancellationToken cancellation) => house.OpenAsync(
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

    private Task StopAsync(CancellationToken cancellation) => house.StopAsync(pulse.Ended, cancellation);

    /// <summary>Whether it says that a grain could not be reached or did not answer, and not that something is wrong with us.</summary>
    private static bool IsOfTheWay(Exception exception) => exception is TimeoutException or OrleansException or OperationCanceledException or ObjectDisposedException;

    [LoggerMessage(40, LogLevel.Warning, "The silo that holds saga {Saga} did not answer: {Problem}")]
    private static partial void LogNotReached(ILogger logger, SagaKey saga, string problem);
}
