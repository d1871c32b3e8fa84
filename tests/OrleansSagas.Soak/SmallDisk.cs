using System.Diagnostics;
using System.Globalization;

namespace OrleansSagas.Soak;

/// <summary>A file system of its own, in memory, that can be made too small for one more page, and large again.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const string Roomy = "2g";
    private const int Tries = 20;

    private SmallDisk(string directory) => Directory = directory;

    public string Directory { get; }

    public bool IsFull { get; private set; }

    /// <summary>Mounts one; answers null, and why, where that is not allowed here.</summary>
    public static SmallDisk? TryMount(out string why)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("orleanssagas-disk-").FullName;
        if (Run("mount", out why, "-t", "tmpfs", "-o", $"size={Roomy}", "tmpfs", directory))
            return new SmallDisk(directory);
        System.IO.Directory.Delete(directory);
        return null;
    }

    /// <summary>Leaves room for <paramref name="left"/> bytes more than there are.</summary>
    public void Fill(long left)
    {
        for (var tries = 1; ; tries++)
        {
            // What is in use may have grown since it was looked at: then the mount refuses, and one looks again.
            if (Run("mount", out var why, "-o", string.Create(CultureInfo.InvariantCulture, $"remount,size={Used() + left}"), Directory))
                break;
            if (tries == Tries)
                throw new IOException($"The disk at {Directory} could not be filled: {why}");
        }
        IsFull = true;
    }

    public void MakeRoom()
    {
        if (!Run("mount", out var why, "-o", $"remount,size={Roomy}", Directory))
            throw new IOException($"The disk at {Directory} could not be made larger: {why}");
        IsFull = false;
    }

    public void Dispose()
    {
        if (Run("umount", out _, Directory))
            System.IO.Directory.Delete(Directory);
    }

    private long Used()
    {
        var drive = new DriveInfo(Directory);
        return drive.TotalSize - drive.TotalFreeSpace;
    }

    private static bool Run(string command, out string why, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            why = process.StandardError.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            why = missing.Message;
            return false;
        }
    }
}
