namespace OrleansSagas.Plans;

/// <summary>The idempotency keys that services get: <c>{namespace}/{sagaId}/{stepPath}/{run}/{do|undo}</c>.
/// The run rises only when a step is executed again after having been undone, never on a retry.</summary>
internal static class StepKey
{
    /// <summary>The key of one run of a step in one direction.</summary>
    public static string Of(SagaKey saga, StepPath path, int run, StepDirection direction) =>
        $"{saga.Namespace}/{saga.Id.Value}/{path.Value}/{run}/{(direction == StepDirection.Do ? "do" : "undo")}";
}
