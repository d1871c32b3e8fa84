using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansSagas.Execution;
using OrleansSagas.Orleans.Idempotency;
using OrleansSagas.Orleans.Messages;
using OrleansSagas.Orleans.Notifications;
using OrleansSagas.Orleans.Placement;
using OrleansSagas.Orleans.Scheduling;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Orleans;

/// <summary>The engine of one silo: every saga's messages go to its grain, wherever that is. It holds no saga rules.</summary>
internal sealed partial class ClusterEngine(
    SagaProcesses processes,
    ISagaStore store,
    SagaRuntime runtime,
    IGrainFactory grains,
    ClusterDefinitions definitions,
    ClusterSilos silos,
    SchedulerHeartbeat heartbeat,
    ClusterWatch watch,
    ILocalSiloDetails silo,
    IOptions<ClusterOptions> cluster,
    SagaClusterOptions options,
    ILogger<ClusterEngine> logger
) : ISagaDispatcher, IMessageRoutes, ILifecycleParticipant<ISiloLifecycle>
{
    private const int MaxElsewhere = 5;
    private const int MaxMoved = 3;
    private const int MaxLeaving = 100;

    private static readonly TimeSpan RoutePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeavingPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ElsewherePause = TimeSpan.FromMilliseconds(200);

    /// <summary>The requests that came to this silo and are not answered yet.</summary>
    private readonly ConcurrentDictionary<RequestKey, bool> _requests = new();

    private readonly string _here = silo.SiloAddress.ToParsableString();

    public string? Problem => processes.Problem;

    public string? DefinitionProblem => processes.DefinitionProblem;

    public PlanIdentity? FindElsewhere(string type, int? version) => definitions.Find(type, version);

    public Task<bool> IsElsewhereAsync(SagaNeeds needs) => definitions.IsElsewhereAsync(needs);

    public void Participate(ISiloLifecycle lifecycle)
    {
        // The store knows this silo after membership does, and before the first grain can be activated here.
        lifecycle.Subscribe(nameof(ClusterEngine), ServiceLifecycleStage.ApplicationServices, OpenAsync);

        // Stopped first of all: sagas are let go of in good order while the rest of the silo still works.
        lifecycle.Subscribe(nameof(SchedulerHeartbeat), ServiceLifecycleStage.Active, _ => StartAsync(), StopAsync);
    }

    public async ValueTask<CommandResult> SendAsync(SagaKey saga, CommandEnvelope call)
    {
        if (processes.Refusal(call) is { } refused)
            return refused;
        try
        {
            var envelope = new SagaEnvelope(call);
            var reply = await AskAsync(saga, envelope, call.IsUnchecked ? new SagaNeeds(call.Plan!) : null);
            for (var asked = 1; reply is CommandResult.Elsewhere { Needs: var needs }; asked++)
            {
                if (asked > MaxElsewhere)
                    return new CommandResult.Unavailable(
                        $"The silo that has what the saga needs (version {needs.Plan.Version} of the type '{needs.Plan.Type}'; stored "
                            + $"form {needs.Form}) could not be reached. Repeat the request with the same Idempotency-Key."
                    );
                // It has joined the store and not yet the cluster, or the other way round.
                if (asked > 1)
                    await Task.Delay(ElsewherePause, runtime.Clock);
                reply = await AskAsync(saga, envelope, needs);
            }

            return reply;
        }
        catch (Exception exception) when (IsOfTheWay(exception))
        {
            LogNotReached(logger, saga, exception.Message);
            return new CommandResult.Unavailable(
                $"The silo that holds the saga '{saga.Id}' did not answer. Repeat the request with the same Idempotency-Key."
            );
        }
    }

    public void Route(SagaKey saga, SagaMessage message) => _ = runtime.Start(() => RouteAsync(saga, message));

    /// <summary>
    /// Activates a saga again whose activation was lost while attempts of it run here. Where it is held elsewhere by now, they are
    /// cancelled.
    /// </summary>
    public void Return(SagaKey saga) =>
        _ = runtime.Start(async () =>
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

    /// <summary>
    /// The first call with a request id goes straight to the saga: the commit knows a repeat. Those that come meanwhile meet in the
    /// request's grain.
    /// </summary>
    private async ValueTask<CommandResult> SendOnceAsync(SagaKey saga, SagaEnvelope envelope, StoredRequest request)
    {
        if (!_requests.TryAdd(request.Key, true))
            return (await grains.Idempotency(request.Key).SendAsync(saga.ToString(), envelope)).Reply;
        try
        {
            return await SendAsync(saga, envelope);
        }
        finally
        {
            _requests.TryRemove(request.Key, out _);
        }
    }

    /// <summary>
    /// Asks the saga, where it is not active yet at a silo that has what it needs; null for here. It asks again where a process closed just
    /// then, and where a silo is leaving.
    /// </summary>
    private async ValueTask<CommandResult> AskAsync(SagaKey saga, SagaEnvelope envelope, SagaNeeds? needs)
    {
        for (int moved = 0, leaving = 0; moved < MaxMoved && leaving < MaxLeaving; )
        {
            var reply = await AskOnceAsync(saga, envelope, needs);
            if (reply is not CommandResult.Moved gone)
                return reply;
            if (gone.Leaving is { } silo)
                await LeaveAsync(silo, leaving++);
            else
                moved++;
        }

        return SagaProcesses.NotReached(saga);
    }

    private ValueTask<CommandResult> AskOnceAsync(SagaKey saga, SagaEnvelope envelope, SagaNeeds? needs)
    {
        using (definitions.Towards(needs))
#pragma warning disable MA0100 // the hint is for the making of the call, and not for its answer
            return envelope.Call.Request is { } request ? SendOnceAsync(saga, envelope, request) : SendAsync(saga, envelope);
#pragma warning restore MA0100
    }

    /// <summary>Takes note that a silo is leaving; its activation that said so is gone at once, or in a moment.</summary>
    private Task LeaveAsync(string silo, int asked)
    {
        silos.Leaves(SiloAddress.FromParsableString(silo));
        return asked == 0 ? Task.CompletedTask : Task.Delay(LeavingPause, runtime.Clock);
    }

    private async ValueTask<CommandResult> SendAsync(SagaKey saga, SagaEnvelope envelope) =>
        (await grains.Saga(saga).SendAsync(envelope))!.Reply;

    /// <summary>Gives a message to whoever holds the saga now. What nobody outside will repeat is tried until it arrives.</summary>
    private async Task RouteAsync(SagaKey saga, SagaMessage message)
    {
        while (!processes.IsStopped)
        {
            try
            {
                switch (await RouteOnceAsync(saga, message))
                {
                    case { Reply: CommandResult.Elsewhere { Needs: var needs } }:
                        message.Needs = needs;
                        break;
                    case { Reply: CommandResult.Moved { Leaving: { } leaving } }:
                        silos.Leaves(SiloAddress.FromParsableString(leaving));
                        break;
                    default:
                        return;
                }
            }
            catch (Exception exception) when (IsOfTheWay(exception))
            {
                LogNotReached(logger, saga, exception.Message);
                message.Answer(SagaProcesses.NotReached(saga));
                if (message.IsFromOutside)
                    return;
            }

            await Task.Delay(RoutePause, runtime.Clock);
        }
    }

    private async Task<ReplyEnvelope?> RouteOnceAsync(SagaKey saga, SagaMessage message)
    {
        ValueTask<ReplyEnvelope?> sending;
        using (definitions.Towards(message.Needs))
        {
            if (message.IsTick && !message.IsFromOutside)
            {
                await grains.Saga(saga).WakeAsync();
                return null;
            }

            sending = grains.Saga(saga).SendAsync(new SagaEnvelope(message.Call, message));
        }

        var reply = await sending;
        if (reply is { Reply: not (CommandResult.Elsewhere or CommandResult.Moved { Leaving: not null }) })
            message.Answer(reply.Reply);
        return reply;
    }

    private Task OpenAsync(CancellationToken cancellation) =>
        processes.OpenAsync(
            plans =>
                store is ISagaClusterStore shared
                    ? shared.JoinAsync(
                        new JoiningEngine(_here, new ClusterIdentity(silo.ClusterId, cluster.Value.ServiceId), options.Partitions, plans),
                        cancellation
                    )
                    : store.OpenAsync(plans, cancellation),
            this
        );

    private Task StartAsync()
    {
        watch.Start();
        heartbeat.Start();
        return Task.CompletedTask;
    }

    private Task StopAsync(CancellationToken cancellation) => processes.StopAsync(heartbeat.Ended, cancellation);

    /// <summary>Whether it says that a grain could not be reached or did not answer, and not that something is wrong with us.</summary>
    private static bool IsOfTheWay(Exception exception) =>
        exception is TimeoutException or OrleansException or OperationCanceledException or ObjectDisposedException;

    [LoggerMessage(40, LogLevel.Warning, "The silo that holds saga {Saga} did not answer: {Problem}")]
    private static partial void LogNotReached(ILogger logger, SagaKey saga, string problem);
}
