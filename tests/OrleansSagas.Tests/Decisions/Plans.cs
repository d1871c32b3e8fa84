using OrleansSagas.Plans;

namespace OrleansSagas.Tests.Decisions;

/// <summary>Builds plans for tests. Where nothing is said a step has an undo, and both are tried once.</summary>
internal static class Plans
{
    public static SagaPlan Of(params string[] steps) => Of([.. steps.Select(name => Step(name))]);

    public static SagaPlan Of(params StepShape[] steps) => Of(deadline: null, steps);

    public static SagaPlan Of(TimeSpan? deadline, params StepShape[] steps) =>
        new(
            "order",
            1,
            deadline,
            [
                .. steps.Select(
                    (step, index) =>
                        new PlanStep
                        {
                            Path = StepPath.Root(step.Name),
                            Index = index,
                            HasUndo = step.HasUndo,
                            Retry = step.Retry,
                            UndoRetry = step.UndoRetry,
                            Timeout = TimeSpan.FromSeconds(30),
                            UndoTimeout = TimeSpan.FromSeconds(30),
                        }
                ),
            ]
        );

    public static StepShape Step(string name, bool undo = true, int? attempts = 1, int? undoAttempts = 1) =>
        new(name, undo, RetryPolicy.Default with { MaxAttempts = attempts }, RetryPolicy.DefaultUndo with { MaxAttempts = undoAttempts });

    internal sealed record StepShape(string Name, bool HasUndo, RetryPolicy Retry, RetryPolicy UndoRetry);
}
