using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime;
using OrleansSagas.Execution;
using OrleansSagas.Orleans.Messages;
using OrleansSagas.Orleans.Watching;

namespace OrleansSagas.Orleans;

/// <summary>The actor that is one saga: it holds the saga's process, which runs in the turns of this activation and ends with it.</summary>
/// <remarks>
/// Its calls interleave: each puts its message on the process's list and awaits its own result, and what waits goes into one commit. The process alone decides when
/// to go: when the saga has ended, or has nothing to do for a while. Where Orleans takes the activation away, see <see cref="OnDeactivateAsync"/>.
/// </remarks>
[GrainType("sagas.saga"), Reentrant, PreferLocalPlacement, Immovable, CollectionAgeLimit(AlwaysActive = true)]
internal sealed class SagaGrain(SagaProcesses processes, ClusterEngine engine, ClusterWatch watch, ILocalSiloDetails here) : Grain, ISagaGrain
{
    private SagaProcess _process = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _process = processes.Open(SagaGrainKey.Parse(this.GetPrimaryKeyString()), TaskScheduler.Current, DeactivateOnIdle);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // The directory lost its entry with the silo that kept it: no reason to interrupt the step that runs here.
        if (reason.ReasonCode == DeactivationReasonCode.DirectoryFailure && !processes.IsDraining)
            return DetachAsync(cancellationToken);
        return _process.ReleaseAsync(cancellationToken);
    }

    public async ValueTask<ReplyEnvelope?> SendAsync(SagaEnvelope call)
    {
        if (call.Message is { } message)
        {
            _process.Receive(message);
            return null;
        }

        return new ReplyEnvelope(await _process.AskAsync(call.Call));
    }

    public async Task<bool?> WakeAsync()
    {
        if (_process.IsUnused && processes.IsOverfull)
        {
            _process.CloseIfUnused();
            return false;
        }

        return await _process.WakeAsync() is SagaReply.Unavailable or SagaReply.Moved ? null : true;
    }

    public Task<bool> ReturnAsync(string silo)
    {
        _process.Receive(SagaMessage.Tick());
        return Task.FromResult(silo == here.SiloAddress.ToParsableString());
    }

    public Task WatchedAsync(string silo)
    {
        watch.AddInterest(_process.Key, silo);
        _process.CloseIfUnused();
        return Task.CompletedTask;
    }

    private async Task DetachAsync(CancellationToken cancellation)
    {
        await _process.DetachAsync(cancellation);
        engine.Return(_process.Key);
    }
}
