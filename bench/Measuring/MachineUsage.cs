using System.Globalization;

namespace OrleansSagas.Bench.Measuring;

/// <summary>
/// What the whole machine has worked: a measurement beside other work is none, so the report shows how much of that there was.
/// </summary>
internal static class MachineUsage
{
    private const string StatFile = "/proc/stat";

    // USER_HZ, a constant of the kernel's interface.
    internal const double TicksPerSecond = 100;

    /// <summary>
    /// Processor time of all processes and of the kernel since the machine was started, in seconds; null where the system does not say.
    /// </summary>
    public static double? BusySeconds()
    {
        if (!File.Exists(StatFile))
            return null;
        var line = File.ReadLines(StatFile).First();
        var ticks = Array.ConvertAll(
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..],
            t => long.Parse(t, CultureInfo.InvariantCulture)
        );

        // user, nice, system, then idle and waiting for the disk, then interrupts, soft interrupts, and what the host took.
        return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7]) / TicksPerSecond;
    }
}
