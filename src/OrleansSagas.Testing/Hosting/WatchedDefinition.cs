using OrleansSagas.Plans;

namespace OrleansSagas.Testing;

/// <summary>A definition whose steps are watched while they run, and misbehave where a test says so.</summary>
internal sealed class WatchedDefinition(SagaDefinition inner, TestProcess life, SagaFaults faults) : SagaDefinition(inner.Plan)
{
    public override Type DataType => inner.DataType;

    internal override object Read(ReadOnlySpan<byte> json) => inner.Read(json);

    internal override byte[] Write(object data) => inner.Write(data);

    internal override IReadOnlyList<KeyValuePair<string, string>> Tags(object data) => inner.Tags(data);

    internal override bool NeedsServices(StepWorkCode work) => inner.NeedsServices(work);

    internal override Task RunAsync(StepWorkCode work, IServiceProvider? services, object data, StepContext context) =>
        AttemptAsync(work, services, data, context);

    /// <summary>The task that the fold wants is the one inside ours.</summary>
#pragma warning disable VSTHRD002 // it has finished
    internal override object Fold(int step, object data, Task acted) => inner.Fold(step, data, ((Task<Task>)acted).Result);
#pragma warning restore VSTHRD002

    private async Task<Task> AttemptAsync(StepWorkCode work, IServiceProvider? services, object data, StepContext context)
    {
        var attempt = new StepAttempt(life, context, work.Direction);
        VirtualTime.TimerOwner.Value = attempt;
        life.Begin(attempt);
        try
        {
            return faults.Next(Plan, Plan.Steps[work.Step], work.Direction, context.Saga) is { } fault
                ? await fault(attempt, ActAsync)
                : await ActAsync();
        }
        finally
        {
            life.End(attempt);
        }

        async Task<Task> ActAsync()
        {
            var acted = inner.RunAsync(work, services, data, context);
            await acted;
            return acted;
        }
    }
}
