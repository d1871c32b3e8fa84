namespace OrleansSagas.Soak;

/// <summary>Which trouble comes next, and how long everything takes.</summary>
internal sealed class Dice(int seed)
{
    private static readonly (Trouble Trouble, int Weight)[] Weights =
    [
        (Trouble.Kill, 40),
        (Trouble.KillWhileStarting, 10),
        (Trouble.Freeze, 20),
        (Trouble.FreezeAndKill, 6),
        (Trouble.FullDisk, 16),
        (Trouble.FullDiskAndKill, 5),
        (Trouble.FullDiskAtStart, 3),
    ];

    private readonly Random _random = new(seed);

    public Trouble Next(bool canFill)
    {
        var all = Weights.Where(one => canFill || one.Trouble < Trouble.FullDisk).ToList();
        var pick = _random.Next(all.Sum(one => one.Weight));
        return all.First(one => (pick -= one.Weight) < 0).Trouble;
    }

    /// <summary>Without trouble.</summary>
    public TimeSpan Calm() => Between(300, 5_000);

    public TimeSpan IntoStart() => Between(20, 900);

    /// <summary>Now and then longer than a step's timeout, which is 5 seconds.</summary>
    public TimeSpan Frozen() => _random.Next(4) == 0 ? Between(5_000, 9_000) : Between(100, 3_000);

    public TimeSpan Full() => Between(500, 6_000);

    /// <summary>Bytes that are left when the disk is called full.</summary>
    public long Left() => _random.Next(100_000);

    private TimeSpan Between(int from, int to) => TimeSpan.FromMilliseconds(_random.Next(from, to));
}
