using System.Collections.Concurrent;
using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite;
using OrleansSagas.TestKit;

namespace OrleansSagas.Storage.Tests.Sqlite;

public sealed class SqliteCrashTests : SqliteStoreTests
{
    protected override int CheckpointPages => 100;

    [Fact]
    public async Task Open_WhenTheProcessDiedAtAnyMoment_HasEveryAcknowledgedCommit()
    {
        using var copies = new TempFolder();
        var acknowledged = new ConcurrentDictionary<string, long>();
        var moments = new List<(string File, Dictionary<string, long> Acknowledged)>();
        var commits = 0;

        // On the writer's thread, before and after COMMIT: nothing else writes meanwhile, and what was acknowledged by then is in the
        // files.
        void Crash()
        {
            if (commits++ % 29 != 0 || moments.Count == 12)
                return;
            var known = acknowledged.ToDictionary();
            var file = copies.File($"{moments.Count}.db");
            System.IO.File.Copy(File, file);
            System.IO.File.Copy(File + "-wal", file + "-wal");
            moments.Add((file, known));
        }

        Sqlite.Writer.Hooks.BeforeCommit = Crash;
        Sqlite.Writer.Hooks.AfterCommit = Crash;
        await Task.WhenAll(
                Enumerable
                    .Range(0, 16)
                    .Select(caller =>
                        Task.Run(async () =>
                        {
                            for (var i = 0; i < 40; i++)
                            {
                                var id = $"{caller}-{i}";
                                var number = await CommittedAsync(
                                    Start(Key(id), Running with { Tags = [new("caller", $"{caller}")] }, Request(id, id))
                                );
                                acknowledged[id] = 1;
                                for (var revision = 1; revision <= 3; revision++)
                                {
                                    await CommittedAsync(Next(Key(id), number, revision, row: revision == 3 ? Completed : null));
                                    acknowledged[id] = revision + 1;
                                }
                            }
                        })
                    )
            )
            .For("the commits");

        Assert.InRange(moments.Count, 5, 12);
        Assert.Contains(moments, m => m.Acknowledged.Count > 100);
        foreach (var (file, known) in moments)
            await CheckAsync(file, known);
    }

    /// <summary>No test can cut the power: that the file is synced at each COMMIT is SQLite's to do, and ours to ask for.</summary>
    [Fact]
    public async Task Commit_WhenAcknowledged_HasBeenSynced()
    {
        const long full = 2;
        Assert.Equal(full, await Sqlite.Writer.RunAsync(connection => connection.Scalar("PRAGMA synchronous")));
    }

    [Fact]
    public async Task Commit_WhenReadersFollowEachOtherClosely_KeepsTheLogShort()
    {
        var number = await CommittedAsync(Start(Key("a")));
        using var stop = new CancellationTokenSource();
        var readers = Enumerable
            .Range(0, 3)
            .Select(_ =>
                Task.Run(async () =>
                {
                    while (!stop.IsCancellationRequested)
                        await Store.ReadHistoryAsync(Key("a"), 0, 50, default);
                })
            )
            .ToArray();

        var longest = 0;
        const int entries = 100;
        for (var i = 0; i < 400; i++)
        {
            await CommittedAsync(Next(Key("a"), number, 1 + (i * entries), entries));
            longest = Math.Max(longest, Sqlite.Writer.WalPages);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers).For("the readers");
        Assert.InRange(longest, CheckpointPages, CheckpointPages * 8);
    }

    private async Task CheckAsync(string file, Dictionary<string, long> known)
    {
        await using var store = new SqliteSagaStore(new SqliteSagaStoreOptions { Path = file }, Runtime);
        await store.OpenAsync([OrderPlan], default);
        foreach (var (id, revision) in known)
        {
            var saga = await store.LoadAsync(Key(id), default);
            Assert.NotNull(saga);
            Assert.True(
                saga.Entries.Count >= revision,
                $"{id} was acknowledged at revision {revision} and stands at {saga.Entries.Count}."
            );
        }

        // And what was not acknowledged is there as a whole or not at all.
        string? after = null;
        do
        {
            var page = await store.ListAsync(new SagaQuery { After = after, Limit = 1000 }, default);
            foreach (var found in page.Items)
            {
                var saga = await store.LoadAsync(found.Key, default);
                Assert.Equal(found.Row.Status is SagaStatus.Completed, saga!.Entries.Count == 4);
                Assert.NotNull(await store.FindRequestAsync(RequestKeyOf(found.Key.Id.Value), Noon, default));
            }

            after = page.Next;
        } while (after is not null);
    }
}
