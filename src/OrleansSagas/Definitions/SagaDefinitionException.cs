namespace OrleansSagas;

/// <summary>A saga is defined in a way that cannot work.</summary>
public sealed class SagaDefinitionException : SagaException
{
    internal SagaDefinitionException(string type, string? step, string fault)
        : base(step is null ? $"Saga '{type}': {fault}." : $"Saga '{type}', step '{step}': {fault}.")
    {
        SagaType = type;
        Step = step;
    }

    /// <summary>The saga type.</summary>
    public string SagaType { get; }

    /// <summary>The step; null where the fault is the saga's.</summary>
    public string? Step { get; }
}
