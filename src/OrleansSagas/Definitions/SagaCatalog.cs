using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas;

/// <summary>The saga types and versions that are defined here.</summary>
internal sealed class SagaCatalog
{
    private readonly Dictionary<string, SagaDefinition> _newest = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Type, int Version), SagaDefinition> _all = [];

    /// <summary>Takes the definitions.</summary>
    /// <exception cref="SagaDefinitionException">One version of a type is defined twice.</exception>
    public SagaCatalog(IEnumerable<SagaDefinition> definitions)
    {
        ArgumentNullException.ThrowIfNull(definitions);
        foreach (var definition in definitions)
        {
            var plan = definition.Plan;
            if (!_all.TryAdd((plan.Type, plan.Version), definition))
                throw new SagaDefinitionException(plan.Type, null, $"version {plan.Version} is defined twice");
            if (!_newest.TryGetValue(plan.Type, out var newest) || newest.Plan.Version < plan.Version)
                _newest[plan.Type] = definition;
        }
    }

    /// <summary>All definitions.</summary>
    public IReadOnlyCollection<SagaDefinition> All => _all.Values;

    /// <summary>The definition of a type, in the given version or the newest; null if there is none.</summary>
    public SagaDefinition? Find(string type, int? version = null) =>
        version is { } exact ? _all.GetValueOrDefault((type, exact)) : _newest.GetValueOrDefault(type);

    /// <summary>The definition in this very shape; null if there is none.</summary>
    internal SagaDefinition? Find(PlanIdentity plan) =>
        _all.TryGetValue((plan.Type, plan.Version), out var definition) && definition.Plan.Identity.Fingerprint == plan.Fingerprint
            ? definition
            : null;
}
