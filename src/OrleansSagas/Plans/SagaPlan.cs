using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace OrleansSagas.Plans;

/// <summary>One version of a saga type as the decider sees it: steps in order, policies, no code.</summary>
internal sealed class SagaPlan
{
    private readonly Dictionary<StepPath, PlanStep> _byPath;

    internal SagaPlan(string type, int version, TimeSpan? deadline, ImmutableArray<PlanStep> steps)
    {
        Type = type;
        Version = version;
        Deadline = deadline;
        Steps = steps;
        _byPath = steps.ToDictionary(step => step.Path);
        Identity = new PlanIdentity(type, version, FingerprintOf(steps));
    }

    /// <summary>What is known of a plan whose definition is not here.</summary>
    internal SagaPlan(PlanIdentity identity, ImmutableArray<PlanStep> steps)
        : this(identity.Type, identity.Version, null, steps) => Identity = identity;

    /// <summary>The saga type.</summary>
    public string Type { get; }

    /// <summary>The version.</summary>
    public int Version { get; }

    /// <summary>How long a saga may go forward; null for as long as it takes.</summary>
    public TimeSpan? Deadline { get; }

    /// <summary>The steps in the order in which they are done.</summary>
    public ImmutableArray<PlanStep> Steps { get; }

    /// <summary>
    /// Type, version and the fingerprint of the shape: paths, order, and which steps have an undo. Policies may change without a new
    /// version.
    /// </summary>
    public PlanIdentity Identity { get; }

    /// <summary>The step at <paramref name="path"/>; null if there is none.</summary>
    public PlanStep? Find(StepPath path) => _byPath.GetValueOrDefault(path);

    private static string FingerprintOf(ImmutableArray<PlanStep> steps)
    {
        var shape = string.Join('\n', steps.Select(step => $"step {step.Path} {(step.HasUndo ? "undo" : "no-undo")}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(shape)).AsSpan(0, 8));
    }
}
