using Microsoft.Extensions.DependencyInjection;

namespace OrleansSagas;

/// <summary>
/// Says which sagas an engine runs, and how it behaves. Several parts of an application may each say their share: definitions add up, and
/// all set the same options.
/// </summary>
public sealed class SagasBuilder
{
    internal SagasBuilder(IServiceCollection services) => Services = services;

    /// <summary>Where the engine and what it needs are registered.</summary>
    public IServiceCollection Services { get; }

    internal List<SagaDefinition> Definitions { get; } = [];

    /// <summary>What was registered for the engine of one process; a cluster's engine takes its place.</summary>
    internal List<ServiceDescriptor> LocalEngine { get; } = [];

    /// <summary>Changes how the engine behaves. Settings are checked when the host starts.</summary>
    public SagasBuilder Configure(Action<SagaOptions> configure)
    {
        Services.Configure(configure);
        return this;
    }

    /// <summary>
    /// Adds a definition; one that is there already, in the same shape, is not added again. Add every version of a type that still has
    /// unfinished sagas.
    /// </summary>
    /// <exception cref="SagaDefinitionException">The same version of the type was added in another shape.</exception>
    public SagasBuilder Add(SagaDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        var added = definition.Plan.Identity;
        if (Definitions.Find(other => other.Plan.Type == added.Type && other.Plan.Version == added.Version) is not { } earlier)
            Definitions.Add(definition);
        else if (earlier.Plan.Identity != added)
            throw new SagaDefinitionException(
                added.Type,
                null,
                $"version {added.Version} is defined twice, with different steps, or with an undo in one of them only; give one of them "
                    + "another version"
            );
        return this;
    }
}
