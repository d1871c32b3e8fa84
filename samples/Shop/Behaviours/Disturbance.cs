namespace OrleansSagas.Shop.Behaviours;

/// <summary>What one attempt is to do wrong.</summary>
/// <param name="Slow">The pause before the effect.</param>
/// <param name="Fault">What goes wrong.</param>
/// <param name="Late">The pause between the effect and the answer.</param>
internal readonly record struct Disturbance(TimeSpan Slow, FaultKind Fault, TimeSpan Late)
{
    internal static Disturbance None { get; } = new(TimeSpan.Zero, FaultKind.None, TimeSpan.Zero);
}
