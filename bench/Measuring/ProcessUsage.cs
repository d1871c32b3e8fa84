using System.Globalization;

namespace OrleansSagas.Bench.Measuring;

/// <summary>What a process has used since it began.</summary>
/// <param name="CpuSeconds">Processor time, user and kernel.</param>
/// <param name="WorkingSetBytes">Memory held now.</param>
/// <param name="AllocatedBytes">Bytes allocated on the managed heap.</param>
/// <param name="WrittenBytes">Bytes handed to the disk, rewritten pages included; null where the system does not say.</param>
internal sealed record ProcessUsage(double CpuSeconds, long WorkingSetBytes, long AllocatedBytes, long? WrittenBytes)
{
    private const string IoFile = "/proc/self/io";

    /// <summary>What this process has used.</summary>
    public static ProcessUsage OfThis() =>
        new(Environment.CpuUsage.TotalTime.TotalSeconds, Environment.WorkingSet, GC.GetTotalAllocatedBytes(), ReadWritten(IoFile));

    /// <summary>
    /// What <paramref name="processes"/> of another program have used together; their memory, which they share, is not told.
    /// </summary>
    public static ProcessUsage Of(IEnumerable<int> processes)
    {
        var (cpu, written) = (0.0, 0L);
        foreach (var process in processes)
        {
            if (!File.Exists($"/proc/{process}/stat"))
                continue;
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            cpu +=
                (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture))
                / MachineUsage.TicksPerSecond;
            written += ReadWritten($"/proc/{process}/io") ?? 0;
        }

        return new ProcessUsage(cpu, 0, 0, written);
    }

    /// <summary>What was used between <paramref name="before"/> and this; the memory is that of now.</summary>
    public ProcessUsage Since(ProcessUsage before) =>
        new(CpuSeconds - before.CpuSeconds, WorkingSetBytes, AllocatedBytes - before.AllocatedBytes, WrittenBytes - before.WrittenBytes);

    /// <summary>What two processes have used together.</summary>
    public ProcessUsage With(ProcessUsage other) =>
        new(
            CpuSeconds + other.CpuSeconds,
            WorkingSetBytes + other.WorkingSetBytes,
            AllocatedBytes + other.AllocatedBytes,
            WrittenBytes + other.WrittenBytes
        );

    private static long? ReadWritten(string file)
    {
        const string Name = "write_bytes: ";
        if (!File.Exists(file))
            return null;
        var line = Array.Find(File.ReadAllLines(file), l => l.StartsWith(Name, StringComparison.Ordinal));
        return line is null ? null : long.Parse(line.AsSpan(Name.Length), CultureInfo.InvariantCulture);
    }
}
