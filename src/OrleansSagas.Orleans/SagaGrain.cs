using Orleans.Concurrency;
using Orleans.Placement;
using OrleansSagas.Orleans.Messages;
using OrleansSagas.Orleans.Watching;
using OrleansSagas.Execution;

namespace OrleansSagas.Orleans;

/// <summary>Where a saga is held: the owner lives in this silo's processes for as long as this activation does, and this activation no longer than the owner.
/// Only where the directory loses its entry, with the silo that kept it, does the owner outlive its activation, and makes the next one.</summary>
/// <remarks>The owner does not run on the activation's scheduler: it serialises itself by its mailbox, the user's code below it may block its thread, and a commit's
/// answer would need one more turn. What the grain brings is the directory's word that there is one of it.</remarks>
[GrainType("sagas.saga"), Reentrant, PreferLocalPlacement, Immovable, CollectionAgeLimit(AlwaysActive = true)]
internal sealed class SagaGrain(SagaProcesses processes, SagaGrains grains, ClusterWatch watch) : Grain, ISagaGrain
{
    private SagaKey _saga;
    private int _calls;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _saga = SagaGrainKey.Parse(this.GetPrimaryKeyString());
        grains.Add(_saga, this, TaskScheduler.Current);
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        grains.Remove(_saga, this);
        if (reason.ReasonCode == DeactivationReasonCode.DirectoryFailure)
        {
            // Another silo has gone, and with it the directory's entry: no reason to interrupt the step that runs here.
            grains.Return(_saga);
            return;
        }

        // Nobody asked the owner: the directory has it that the saga is held elsewhere, or this silo shuts down and its owner is still busy.
        await processes.LeaveAsync(_saga, cancellationToken);
    }

    public async ValueTask<ReplyEnvelope?> SendAsync(SagaEnvelope call)
    {
        using var _ = Calling();
        if (call.SagaMessage is { } message)
        {
            processes.Deliver(_saga, message);
            return null;
        }

        return new ReplyEnvelope(await processes.SendAsync(_saga, call.Call));
    }

    public async Task WakeAsync()
    {
        using var _ = Calling();
        await processes.WakeAsync(_saga);
    }

    public Task<bool> ReturnAsync(string silo)
    {
        using var _ = Calling();
        return Task.FromResult(silo == grains.Here);
    }

    public Task WatchedAsync(string silo)
    {
        using var _ = Calling();
        watch.AddInterest(_saga, silo);
        return Task.CompletedTask;
    }

    /// <summary>Goes when nobody holds the saga here and no call is under way. Runs in a turn of this activation, so that no call comes between.</summary>
    internal void GoIfFree()
    {
        if (_calls == 0 && !processes.Holds(_saga))
            DeactivateOnIdle();
    }

    private Call Calling()
    {
        _calls++;
        return new Call(this);
    }

    private readonly struct Call(SagaGrain grain) : IDisposable
    {
        public void Dispose()
        {
            grain._calls--;
            grain.GoIfFree();
        }
    }
}
