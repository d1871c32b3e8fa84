namespace OrleansSagas;

/// <summary>Says which sagas an engine runs, and how it behaves.</summary>
public sealed class SagasBuilder
{
    internal List<SagaDefinition> Definitions { get; } = [];

    /// <summary>How the engine behaves.</summary>
    public SagaOptions Options { get; } = new();

    /// <summary>Adds a definition. Add every version of a type that still has unfinished sagas.</summary>
    public SagasBuilder Add(SagaDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Definitions.Add(definition);
        return this;
    }
}
