using System.Globalization;
using OrleansSagas.TestKit.Silos.Recovering;

namespace OrleansSagas.Soak;

/// <summary>What was done to the silo, and how it took it; as plain lines.</summary>
internal sealed class Figures
{
    private readonly Dictionary<Trouble, int> _troubles = [];
    private readonly List<TimeSpan> _frozen = [];
    private readonly List<TimeSpan> _full = [];

    public List<Recovery> Recoveries { get; } = [];

    /// <summary>From SIGCONT to the next acknowledgement; null where the next trouble came first.</summary>
    public List<TimeSpan?> Thaws { get; } = [];

    /// <summary>From room on the disk to the next acknowledgement; null where the next trouble came first.</summary>
    public List<TimeSpan?> Rooms { get; } = [];

    /// <summary>How often it did not start on a full disk, and said so.</summary>
    public int RefusedStarts { get; set; }

    /// <summary>How often the silo found room for all it wrote on a full disk.</summary>
    public int Unfelt { get; set; }

    public void Count(Trouble trouble) => _troubles[trouble] = Of(trouble) + 1;

    public TimeSpan Frozen(TimeSpan time) => Noted(_frozen, time);

    public TimeSpan Full(TimeSpan time) => Noted(_full, time);

    public IEnumerable<string> Lines()
    {
        var kills =
            Of(Trouble.Kill)
            + 2 * Of(Trouble.KillWhileStarting)
            + Of(Trouble.FreezeAndKill)
            + Of(Trouble.FullDiskAndKill)
            + Of(Trouble.FullDiskAtStart);
        yield return $"kills: {kills} (SIGKILL), of them {Of(Trouble.KillWhileStarting)} while it started, {Of(Trouble.FreezeAndKill)} "
            + $"while it was stopped, {Of(Trouble.FullDiskAndKill) + Of(Trouble.FullDiskAtStart)} while its disk was full";
        yield return $"stops: {_frozen.Count} (SIGSTOP), {Text(_frozen)}";
        yield return $"full disks: {_full.Count}, {Text(_full)}; {Unfelt} of them never kept the silo from writing; started on one "
            + $"{Of(Trouble.FullDiskAtStart)} times, of which it refused {RefusedStarts} in words";
        yield return $"unfinished sagas at a kill: {Recoveries.Sum(one => one.Unfinished ?? 0)} in all";
        yield return Recovery.Summary("start to ready", Recoveries.Select(one => one.Ready));
        yield return Recovery.Summary("start to the first new saga", Recoveries.Select(one => one.Acknowledged));
        yield return Recovery.Summary("start until all that was unfinished moved on", Recoveries.Select(one => one.MovedOn));
        yield return Recovery.Summary("SIGCONT to the first new saga", Thaws);
        yield return Recovery.Summary("room on the disk to the first new saga", Rooms);
    }

    private int Of(Trouble trouble) => _troubles.GetValueOrDefault(trouble);

    private static TimeSpan Noted(List<TimeSpan> all, TimeSpan time)
    {
        all.Add(time);
        return time;
    }

    private static string Text(List<TimeSpan> times) =>
        times.Count == 0
            ? "0 s"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{times.Sum(time => time.TotalSeconds):0} s in all, the longest {times.Max().TotalSeconds:0.0} s"
            );
}
