using System.Diagnostics;
using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.Sqlite;

/// <summary>A disk that is really full: a small tmpfs, which needs root on Linux.</summary>
public sealed class SqliteFullDiskTests : SqliteStoreTests
{
    private readonly TempFolder _mount = new();
    private bool _mounted;

    protected override string File => _mount.File("sagas.db");

    public override async ValueTask InitializeAsync()
    {
        _mounted =
            OperatingSystem.IsLinux()
            && Environment.UserName == "root"
            && Run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", _mount.Path);
        await base.InitializeAsync();
    }

    protected override async ValueTask RemovePlaceAsync()
    {
        if (_mounted)
            Run("umount", _mount.Path);
        _mount.Dispose();
        await base.RemovePlaceAsync();
    }

    [Fact]
    public async Task Commit_WhenDiskIsFull_LosesNothingAcknowledgedAndGoesOnWithRoom()
    {
        Assert.SkipUnless(_mounted, "A small tmpfs could not be mounted: this needs Linux and root.");
        var acknowledged = new List<string>();
        CommitResult result;
        do
        {
            var id = $"s{acknowledged.Count}";
            result = await CommitAsync(Start(Key(id), data: new(new byte[20_000])));
            if (result.Outcome is CommitOutcome.Committed)
                acknowledged.Add(id);
            Assert.InRange(acknowledged.Count, 0, 200);
        } while (result.Outcome is CommitOutcome.Committed);

        Assert.True(result.Outcome is CommitOutcome.NotCommitted or CommitOutcome.Unknown);
        Assert.IsType<StoreException>(result.Error);
        Assert.False(Store.Health.IsHealthy);
        Assert.True(Run("mount", "-o", "remount,size=64m", _mount.Path));
        await RetryTimerFiresAsync();

        Assert.True(Store.Health.IsHealthy, Store.Health.Problem);
        await CommittedAsync(Start(Key("after"), data: new(new byte[20_000])));
        await ReopenAsync();
        foreach (var id in acknowledged)
            await LoadedAsync(Key(id));
        Assert.Equal(acknowledged.Count + 1, (await ListIdsAsync(new SagaQuery { Limit = 1000 })).Length);
    }

    private static bool Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }
}
