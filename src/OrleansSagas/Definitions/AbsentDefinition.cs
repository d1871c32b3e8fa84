using OrleansSagas.Decisions;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas;

/// <summary>
/// Stands for a definition that is not here, so that a saga of it can be shown and terminated: it knows the steps that something happened
/// to, and has no code.
/// </summary>
internal sealed class AbsentDefinition(SagaState state) : SagaDefinition(PlanOf(state))
{
    public override Type DataType => typeof(object);

    /// <summary>Says what is missing and what to do.</summary>
    /// <param name="plan">What the saga needs.</param>
    /// <param name="catalog">What is defined here.</param>
    public static string Describe(PlanIdentity plan, SagaCatalog catalog) =>
        catalog.Find(plan.Type, plan.Version) is { } other
            ? $"Version {plan.Version} of the saga type '{plan.Type}' is defined here in another shape "
                + $"({other.Plan.Identity.Fingerprint}) than the saga started with ({plan.Fingerprint}). "
                + "Deploy the definition as it was, and give the new shape a version of its own; until then the saga can only be "
                + "terminated."
            : $"Version {plan.Version} of the saga type '{plan.Type}' (shape {plan.Fingerprint}) is not defined here. "
                + "Deploy it, unchanged, beside the newer ones until its sagas have ended; until then the saga can only be terminated.";

    internal override object Read(ReadOnlySpan<byte> json) => throw NotHere();

    internal override byte[] Write(object data) => throw NotHere();

    internal override IReadOnlyList<KeyValuePair<string, string>> Tags(object data) => throw NotHere();

    internal override bool NeedsServices(StepWorkCode work) => throw NotHere();

    internal override Task RunAsync(StepWorkCode work, IServiceProvider? services, object data, StepContext context) => throw NotHere();

    internal override object Fold(int step, object data, Task acted) => throw NotHere();

    private InvalidOperationException NotHere() => new($"The code of version {Plan.Version} of the saga type '{Plan.Type}' is not here.");

    private static SagaPlan PlanOf(SagaState state) =>
        new(
            state.Identity.Plan,
            [
                .. state.Steps.Select(
                    (step, index) =>
                        new PlanStep
                        {
                            Path = step.Path,
                            Index = index,
                            HasUndo = false,
                            Retry = RetryPolicy.Default,
                            UndoRetry = RetryPolicy.Default,
                            Timeout = TimeSpan.Zero,
                            UndoTimeout = TimeSpan.Zero,
                        }
                ),
            ]
        );
}
