using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime;
using OrleansSagas.Execution;
using OrleansSagas.Orleans.Messages;
using OrleansSagas.Orleans.Notifications;
using OrleansSagas.Orleans.Placement;

namespace OrleansSagas.Orleans;

/// <summary>The actor that is one saga: it holds the saga's process, which runs in the turns of this activation and ends with it.</summary>
/// <remarks>
/// Its calls interleave: each puts its message on the process's list and awaits its own result, and what waits goes into one commit. The
/// process alone decides when to go: when the saga has ended, or has nothing to do for a while. Where Orleans takes the activation away,
/// see <see cref="OnDeactivateAsync"/>.
/// </remarks>
[GrainType(TypeName), Reentrant, PreferLocalPlacement, Immovable, CollectionAgeLimit(AlwaysActive = true)]
internal sealed class SagaGrain(SagaProcesses processes, ClusterEngine engine, ClusterWatch watch, ClusterSilos silos)
    : Grain,
        ISagaGrain,
        IGrainMigrationParticipant
{
    public const string TypeName = "sagas.saga";

    private SagaProcess? _process;
    private bool _wasSentOn;

    private string Here => silos.Here.ToParsableString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // On a silo that is leaving no saga is taken up, but where there is no other: whoever sent it here did not know that yet, and sends
        // it elsewhere.
        if (!processes.IsDraining || !silos.HasOther)
            _process = processes.Open(SagaGrainKey.Parse(this.GetPrimaryKeyString()), TaskScheduler.Current, DeactivateOnIdle);

        // Whoever called it may not call again; and a process that has loaded nothing would never go.
        if (_wasSentOn)
            _process?.Receive(SagaMessage.Tick());
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_process is null)
            return Task.CompletedTask;

        // The directory lost its entry with the silo that kept it: no reason to interrupt the step that runs here.
        if (reason.ReasonCode == DeactivationReasonCode.DirectoryFailure && !processes.IsDraining)
            return DetachAsync(_process, cancellationToken);
        return _process.ReleaseAsync(cancellationToken);
    }

    /// <summary>Nothing of it goes along: a silo that was leaving has only sent it on.</summary>
    public void OnDehydrate(IDehydrationContext dehydrationContext) { }

    public void OnRehydrate(IRehydrationContext rehydrationContext) => _wasSentOn = true;

    public async ValueTask<ReplyEnvelope?> SendAsync(SagaEnvelope call)
    {
        if (_process is null)
        {
            silos.SendOn(this);
            return new ReplyEnvelope(new CommandResult.Moved(Here));
        }

        if (call.Message is { } message)
        {
            _process.Receive(message);
            return null;
        }

        return new ReplyEnvelope(await _process.AskAsync(call.Call));
    }

    public async Task<bool?> WakeAsync()
    {
        if (_process is null)
        {
            silos.SendOn(this);
            return false;
        }

        if (_process.IsUnused && processes.IsOverfull)
        {
            _process.CloseIfUnused();
            return false;
        }

        return await _process.WakeAsync() is CommandResult.Unavailable or CommandResult.Moved or CommandResult.Elsewhere ? null : true;
    }

    public Task<bool> ReturnAsync(string silo)
    {
        if (_process is null)
            silos.SendOn(this);
        else
            _process.Receive(SagaMessage.Tick());
        return Task.FromResult(silo == Here);
    }

    public Task WatchedAsync(string silo)
    {
        if (_process is null)
        {
            silos.SendOn(this);
            return Task.CompletedTask;
        }

        watch.AddInterest(_process.Key, silo);
        _process.CloseIfUnused();
        return Task.CompletedTask;
    }

    private async Task DetachAsync(SagaProcess process, CancellationToken cancellation)
    {
        await process.DetachAsync(cancellation);
        engine.Return(process.Key);
    }
}
