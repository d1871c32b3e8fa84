using OrleansSagas.Storing;

namespace OrleansSagas;

/// <summary>Unfinished sagas are stored whose definition is not here, or has another shape here.</summary>
public sealed class MissingDefinitionException : SagaException
{
    internal MissingDefinitionException(IReadOnlyList<PlanIdentity> missing)
        : base("The store holds unfinished sagas whose definitions are not here in the shape that they started with: "
            + string.Join(", ", missing.Select(plan => $"{plan.Type} version {plan.Version} (shape {plan.Fingerprint})"))
            + ". A saga keeps the version that it started with: define these versions unchanged beside the new ones, until those sagas have ended.") =>
        Missing = missing;

    /// <summary>What is missing.</summary>
    public IReadOnlyList<PlanIdentity> Missing { get; }
}
