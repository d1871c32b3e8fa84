namespace OrleansSagas.Tests.Decisions;

/// <summary>Cheap numbers that a seed decides (SplitMix64).</summary>
internal struct Dice(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 up to, and without, <paramref name="sides"/>.</summary>
    public int Roll(int sides) => (int)(Next() % (ulong)sides);

    public bool Chance(int percent) => Roll(100) < percent;

    public T Of<T>(IReadOnlyList<T> choices) => choices[Roll(choices.Count)];
}
