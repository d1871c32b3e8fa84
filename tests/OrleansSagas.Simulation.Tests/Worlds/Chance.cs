namespace OrleansSagas.Simulation.Tests.Worlds;

/// <summary>All that is left to chance in a run, from one seed.</summary>
internal sealed class Chance(ulong seed)
{
    private ulong _state = seed * 0x9E3779B97F4A7C15UL + 0xD1B54A32D192ED03UL;

    /// <summary>A number from 0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count) => (int)((Next() >> 33) % (ulong)count);

    public int Between(int least, int most) => least + Below(most - least + 1);

    public bool Happens(double probability) => (Next() >> 11) / (double)(1UL << 53) < probability;

    public T OneOf<T>(params ReadOnlySpan<T> values) => values[Below(values.Length)];

    /// <summary>A time up to <paramref name="longest"/>, mostly far below it.</summary>
    public TimeSpan UpTo(TimeSpan longest)
    {
        var fraction = (Next() >> 11) / (double)(1UL << 53);
        return TimeSpan.FromTicks((long)(longest.Ticks * fraction * fraction * fraction));
    }

    public long NextInt64() => (long)Next();

    /// <summary>A generator of its own, so that what one part draws does not shift the others.</summary>
    public Chance Fork() => new(Next());

    private ulong Next()
    {
        // splitmix64
        var z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
