using System.Diagnostics;
using Npgsql;
using OrleansSagas.Storage;
using OrleansSagas.Storage.PostgreSql;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.PostgreSql;

/// <summary>Faults of the server itself: each test has one of its own.</summary>
public sealed class PostgreSqlServerTests() : PostgreSqlStoreTests(null)
{
    private ThrowawayPostgres? _server;

    internal override async Task<PostgresPlace> MakePlaceAsync()
    {
        Assert.SkipWhen(ThrowawayPostgres.Obstacle is not null, ThrowawayPostgres.Obstacle ?? "");
        _server = await ThrowawayPostgres.StartAsync(null, "max_connections = 20", "autovacuum_naptime = 1s");
        return new PostgresPlace(_server.ConnectionString, "sagas");
    }

    protected override async ValueTask RemovePlaceAsync() => await _server!.DisposeAsync();

    [Fact]
    public async Task Commit_WhenTheServerRestarts20TimesUnderLoad_LosesAndDoublesNothing()
    {
        var load = new StoreLoad(
            () => Store,
            Start,
            (key, number, revision, entries) => Next(key, number, revision, entries),
            workers: 200
        );
        load.Begin();
        for (var i = 0; i < 20; i++)
        {
            await load.ProgressAsync(300);
            if (i % 2 == 0)
                await _server!.StopImmediatelyAsync();
            else
                await _server!.KillAsync();
            if (i % 5 == 0)
                await HealthBecomesAsync(false);
            await _server.StartAsync();
        }

        await load.ProgressAsync(300);
        await load.EndAsync();
        await load.AuditAsync();
        await HealthBecomesAsync(true);
        Assert.True(load.Unknown > 0, "The server never stopped during a commit: the test tests nothing.");
    }

    [Fact]
    public async Task Health_WhenTheServerIsAway_SaysWhyAndRecoversByItself()
    {
        await CommittedAsync(Start(Key("before")));
        await _server!.StopImmediatelyAsync();

        await HealthBecomesAsync(false);
        Assert.Contains("127.0.0.1", Store.Health.Problem, StringComparison.Ordinal);

        // A writer whose connection was idle may only now learn that it is dead.
        Assert.NotEqual(CommitOutcome.Committed, (await CommitAsync(Start(Key("a")))).Outcome);
        Assert.Equal(CommitOutcome.NotCommitted, (await CommitAsync(Start(Key("a")))).Outcome);
        await Assert.ThrowsAsync<StoreException>(() => Store.ListAsync(new SagaQuery(), default));
        await Assert.ThrowsAsync<StoreException>(() => Store.PurgeAsync(Noon, Noon, 1, default));
        await _server.StartAsync();

        await HealthBecomesAsync(true);
        await LoadedAsync(Key("before"));
        await CommittedAsync(Start(Key("a")));
    }

    [Fact]
    public async Task Commit_WhenTheServerIsReadOnly_IsNotCommittedAndWorksAgain()
    {
        await Place.RunAsync("ALTER SYSTEM SET default_transaction_read_only = on");
        await Place.RunAsync("SELECT pg_reload_conf()");
        CommitResult result;
        var clock = Stopwatch.StartNew();
        do result = await CommitAsync(Start(Key($"a{clock.ElapsedTicks}")));
        while (result.Outcome == CommitOutcome.Committed && clock.Elapsed < TimeSpan.FromSeconds(20));

        Assert.Equal(CommitOutcome.NotCommitted, result.Outcome);
        Assert.Contains("takes no writes", result.Error!.Message, StringComparison.Ordinal);
        Assert.Contains("25006", Store.Health.Problem, StringComparison.Ordinal);
        _ = await ListIdsAsync(new SagaQuery());
        await Task.Delay(500); // several looks later it must still say so
        Assert.Contains("25006", Store.Health.Problem, StringComparison.Ordinal);
        await Place.RunAsync("ALTER SYSTEM RESET default_transaction_read_only");
        await Place.RunAsync("SELECT pg_reload_conf()");

        await HealthBecomesAsync(true);
        await CommittedAsync(Start(Key("after")));
    }

    [Fact]
    public async Task Commit_WhenTheServerHasNoConnectionLeft_GoesOnAndReadsRecover()
    {
        await CommittedAsync(Start(Key("a")));
        var connections = new List<NpgsqlConnection>();
        try
        {
            // The superuser may take the reserved ones too.
            while (true)
                connections.Add(await Place.ConnectAsync());
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.TooManyConnections) { }

        var refused = await Assert.ThrowsAsync<StoreException>(() => Store.LoadAsync(Key("a"), default));
        Assert.Contains("53300", refused.Message, StringComparison.Ordinal);
        await CommittedAsync(Start(Key("b")));
        Assert.True(Store.Health.IsHealthy);
        foreach (var connection in connections)
            await connection.DisposeAsync();

        var clock = Stopwatch.StartNew();
        while (await TryLoadAsync() is null)
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), "Waited 20 s for a connection.");
    }

    [Fact]
    public async Task Open_WhenTheServerComesLater_WaitsForIt()
    {
        await Store.DisposeAsync();
        await _server!.StopImmediatelyAsync();
        var options = Place.Options;
        options.OpenTimeout = TimeSpan.FromSeconds(30);
        await using var store = new PostgreSqlSagaStore(options, Runtime);
        var opening = Task.Run(() => store.OpenAsync([OrderPlan], default));
        await _server.StartAsync();

        await opening.For("the store to open");
        Assert.Equal(CommitOutcome.Committed, (await store.CommitAsync(Start(Key("a")), default)).Outcome);
    }

    [Fact]
    public async Task Commit_WhenTheDiskIsFull_LosesNothingAcknowledgedAndGoesOnWithRoom()
    {
        using var mount = new TempFolder();
        Assert.SkipUnless(
            OperatingSystem.IsLinux()
                && Environment.UserName == "root"
                && Run("mount", "-t", "tmpfs", "-o", "size=14m,mode=777", "tmpfs", mount.Path),
            "A small tmpfs could not be mounted: this needs Linux and root."
        );
        try
        {
            // The tables lie on the small disk, the server's log on its usual one.
            await Store.DisposeAsync();
            Assert.True(Run("chmod", "755", mount.Path) && Run("mkdir", "-m", "777", mount.File("space")));
            Assert.True(Run("chown", "--reference", await DataDirectoryAsync(), mount.File("space")));
            Assert.True(Run("chmod", "700", mount.File("space")));
            await Place.RunAsync($"CREATE TABLESPACE small LOCATION '{mount.File("space")}'");
            await Place.RunAsync("CREATE DATABASE small TABLESPACE small");
            Small = new PostgresPlace(
                new NpgsqlConnectionStringBuilder(_server!.ConnectionString) { Database = "small" }.ConnectionString,
                "sagas"
            );
            await ReopenAsync();

            var random = new Random(7);
            var acknowledged = new List<string>();
            CommitResult result;
            do
            {
                var id = $"s{acknowledged.Count}";
                var data = new byte[20_000];
                random.NextBytes(data);
                result = await CommitAsync(Start(Key(id), data: new(data)));
                if (result.Outcome == CommitOutcome.Committed)
                    acknowledged.Add(id);
                Assert.InRange(acknowledged.Count, 0, 1000);
            } while (result.Outcome == CommitOutcome.Committed);

            Assert.Equal(CommitOutcome.NotCommitted, result.Outcome);
            Assert.Contains("53100", result.Error!.Message, StringComparison.Ordinal);
            // Room that was too little for a commit may be enough for a look.
            Assert.False(Run("dd", "if=/dev/zero", $"of={mount.File("rest")}", "bs=4k"));
            await SaysForLongAsync("53100");
            Assert.True(Run("mount", "-o", "remount,size=80m", mount.Path));

            await HealthBecomesAsync(true);
            await CommittedAsync(Start(Key("after"), data: new(new byte[20_000])));
            foreach (var id in acknowledged)
                await LoadedAsync(Key(id));
            Assert.Equal(acknowledged.Count + 1, (await ListIdsAsync(new SagaQuery { Limit = 1000 })).Length);
        }
        finally
        {
            await Store.DisposeAsync();
            await _server!.StopImmediatelyAsync();
            Run("umount", mount.Path);
        }
    }

    /// <summary>Several looks later it must still say so; between two of them it may speak of the connection that it makes anew.</summary>
    private async Task SaysForLongAsync(string what)
    {
        var clock = Stopwatch.StartNew();
        var (said, last) = (0, "");
        while (said < 60)
        {
            await Task.Delay(10);
            last = Store.Health.Problem;
            Assert.NotNull(last);
            said += last.Contains(what, StringComparison.Ordinal) ? 1 : 0;
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"Waited for {what} in what it says: {last}");
        }
    }

    private PostgresPlace? Small { get; set; }

    private protected override ISagaStore CreateStore(SagaRuntime runtime) => new PostgreSqlSagaStore((Small ?? Place).Options, runtime);

    private async Task<string> DataDirectoryAsync() =>
        (string)(await Place.RunAsync("SELECT setting FROM pg_settings WHERE name = 'data_directory'"))!;

    private async Task<StoredSaga?> TryLoadAsync()
    {
        try
        {
            return await Store.LoadAsync(Key("a"), default);
        }
        catch (StoreException)
        {
            await Task.Delay(20);
            return null;
        }
    }

    private static bool Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }
}
