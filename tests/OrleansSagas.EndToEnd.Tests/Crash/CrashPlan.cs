using System.Globalization;

namespace OrleansSagas.EndToEnd.Tests.Crash;

/// <summary>How often the silo is killed, and from which seed all that is random comes.</summary>
/// <param name="Kills">From CRASH_KILLS. Default: 20.</param>
/// <param name="Seed">From CRASH_SEED. Default: another one each time.</param>
internal sealed record CrashPlan(int Kills, int Seed)
{
    /// <summary>After which part of a start it is killed, where it is killed before it is ready.</summary>
    private static readonly (int From, int To) WhileStarting = (20, 900);

    private static readonly (int From, int To) WhileServing = (50, 1_500);

    public static CrashPlan FromEnvironment() => new(Number("CRASH_KILLS") ?? 20, Number("CRASH_SEED") ?? Random.Shared.Next(1_000_000));

    /// <summary>The moments of the kills: each so long after the start, or after the silo was ready.</summary>
    public IReadOnlyList<(bool AfterReady, TimeSpan Pause)> Moments()
    {
        var random = new Random(Seed);
        return
        [
            .. Enumerable
                .Range(0, Kills)
                .Select(number =>
                {
                    var afterReady = number == 0 || random.Next(4) != 0;
                    var (from, to) = afterReady ? WhileServing : WhileStarting;
                    return (afterReady, TimeSpan.FromMilliseconds(random.Next(from, to)));
                }),
        ];
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new FormatException($"{variable} is '{text}': set it to a whole number.");
}
