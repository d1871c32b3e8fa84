using Orleans.Runtime;
using Orleans.Runtime.Placement;
using OrleansSagas.Execution;

namespace OrleansSagas.Orleans;

/// <summary>
/// Gives the grains that a step calls the headers of its saga, as their request context. A step begins with an empty one, so that nothing
/// else gets there.
/// </summary>
internal sealed class StepRequestContext : IStepContextFlow
{
    public void Begin(IReadOnlyDictionary<string, string> headers)
    {
        foreach (var (name, value) in headers)
            if (name != IPlacementDirector.PlacementHintKey)
                RequestContext.Set(name, value);
    }
}
