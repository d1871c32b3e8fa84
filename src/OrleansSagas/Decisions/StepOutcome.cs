using System.Text.Json.Serialization;
using OrleansSagas.Payloads;

namespace OrleansSagas.Decisions;

/// <summary>
/// How one attempt of an action or an undo ended: a closed list. Only a success may come from another process: one that its owner was too
/// late for.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "outcome")]
[JsonDerivedType(typeof(Succeeded), "succeeded")]
internal abstract record StepOutcome
{
    private StepOutcome() { }

    /// <summary>It was done.</summary>
    /// <param name="Data">The saga's data after the fold; null where it did not change.</param>
    public sealed record Succeeded(Payload? Data = null) : StepOutcome;

    /// <summary>It was done, but its result could not be folded into the data.</summary>
    public sealed record ResultRejectedByFold(SagaError Error) : StepOutcome;

    /// <summary>It was refused: nothing was done.</summary>
    public sealed record Rejected(SagaError Error) : StepOutcome;

    /// <summary>Nobody knows what was done.</summary>
    /// <param name="Error">What went wrong.</param>
    /// <param name="WorthRetrying">Whether another attempt may help.</param>
    public sealed record Failed(SagaError Error, bool WorthRetrying = true) : StepOutcome;
}
