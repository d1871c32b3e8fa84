using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests.Releases;

/// <summary>
/// What any release has stored is loaded and continued by this program. A release's database is written once, by
/// <c>WRITE_GOLDEN=1 dotnet test tests/OrleansSagas.Engine.Tests --filter ReleaseTests</c>, and never changed.
/// </summary>
public sealed class ReleaseTests
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    public static TheoryData<string, StoreKind> Versions => new(Release.All.Select(release => (release.Version, release.Kind)));

    /// <summary>The snapshots of the first release are not read any more: the history has all that they said.</summary>
    public static TheoryData<string, StoreKind> VersionsWithSnapshots =>
        new(Release.All.Where(release => release.Version != "0.1.0").Select(release => (release.Version, release.Kind)));

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task This_Always_HasItsDatabase(StoreKind kind)
    {
        var release = Release.This(kind);
        if (Environment.GetEnvironmentVariable("WRITE_GOLDEN") == "1")
            await WriteAsync(release);
        Assert.True(
            File.Exists(release.Database) && File.Exists(release.Description),
            $"Version {release.Version} has no {kind} database in {release.Directory}. Write it: WRITE_GOLDEN=1 dotnet test "
                + "tests/OrleansSagas.Engine.Tests --filter ReleaseTests"
        );
        Assert.InRange(new FileInfo(release.Database).Length + new FileInfo(release.Description).Length, 1, 250_000);
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public void This_Always_HasASagaInEveryStatus(StoreKind kind)
    {
        var release = Release.This(kind);
        var recorded = Read(release);

        // No saga waits yet, and the first release held none.
        SagaStatus[] unknown = release.Version == "0.1.0" ? [SagaStatus.Waiting, SagaStatus.Held] : [SagaStatus.Waiting];
        var known = Enum.GetValues<SagaStatus>().Except(unknown).Order();
        Assert.Equal(known, recorded.Sagas.Select(saga => Enum.Parse<SagaStatus>((string)saga.Row["status"]!)).Distinct().Order());
        Assert.Contains(recorded.Sagas, saga => (long)saga.Row["snapshotRevision"]! > 0);
        Assert.Contains(recorded.Sagas, saga => saga.Row["wakeAt"] is not null);
        Assert.Contains(recorded.Sagas, saga => saga.Row["owner"] is not null);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Load_WhenAReleaseWroteTheDatabase_ShowsEachSagaAsItWas(string version, StoreKind kind)
    {
        var release = new Release(version, kind);
        var recorded = Read(release);
        await using var copy = await CopyAsync(release);
        await using var stored = await StoredRelease.OpenAsync(copy, recorded.At);
        Assert.Equal(recorded.Sagas.Select(saga => saga.Id).Order(StringComparer.Ordinal), await stored.IdsAsync());
        foreach (var saga in recorded.Sagas)
        {
            Holds(saga.Row, await stored.RowAsync(saga.Id), $"The row of saga {saga.Id}, stored by {version}");
            Holds(saga.View, await stored.ViewAsync(saga.Id), $"Saga {saga.Id}, stored by {version}");
            Holds(saga.History, await stored.HistoryAsync(saga.Id), $"The history of saga {saga.Id}, stored by {version}");
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Start_WhenAReleaseWroteTheDatabase_BringsEachSagaToItsEnd(string version, StoreKind kind)
    {
        var release = new Release(version, kind);
        var recorded = Read(release);
        await using var copy = await CopyAsync(release);
        await using var running = await RunningRelease.StartAsync(copy, recorded.At);
        foreach (var saga in recorded.Sagas)
        {
            // The first release did not store who asked: whoever asks now repeats what was asked then.
            Taken(
                await running.StartAgainAsync(saga.Type, saga.Data, saga.Request, release.SaysWhoAsked ? GoldenScript.Shop : "anyone"),
                saga,
                "a repeat of its start"
            );
            if (saga.Asked is { } asked)
                Taken(
                    await running.ActAsync(saga.Id, asked, $"ask-{saga.Id}", release.SaysWhoAsked ? GoldenScript.Operator : "anyone"),
                    saga,
                    $"a repeat of what an operator had asked, {asked},"
                );
            if (saga.Verb is { } verb)
                Taken(await running.ActAsync(saga.Id, verb), saga, $"{verb}");

            void Taken(SagaResult answer, RecordedSaga of, string what) =>
                Assert.True(
                    (answer as SagaResult.Accepted)?.View.Id.Value == of.Id,
                    $"Saga {of.Id}, stored by {version}: {what} was to be taken; the answer is {answer}"
                );
        }
        foreach (var saga in recorded.Sagas)
        {
            var (status, calls) = await running.EndAsync(saga.Id);
            Assert.True(
                status == saga.Ends && calls.SequenceEqual(saga.Calls),
                $"Saga {saga.Id}, stored by {version}, was to end {saga.Ends} after the calls [{string.Join(", ", saga.Calls)}]; it "
                    + $"ended {status} after [{string.Join(", ", calls)}]."
            );
            var events = await running.EventsAsync(saga.Id);
            Assert.Equal(saga.History.Select(entry => (string)entry!["event"]!), events.Take(saga.History.Count));
        }

        // A day after the last end each caller has the keys for itself.
        running.Later(TimeSpan.FromHours(25));
        var first = recorded.Sagas[0];
        var fresh = new List<SagaId>();
        foreach (var caller in (string[])[GoldenScript.Shop, "anyone", GoldenScript.Shop])
            fresh.Add(
                Assert.IsType<SagaResult.Accepted>(await running.StartAgainAsync(first.Type, first.Data, first.Request, caller)).View.Id
            );
        Assert.Equal((2, fresh[0]), (fresh.Distinct().Count(), fresh[2]));
        Assert.DoesNotContain(fresh, id => id.Value == first.Id);
    }

    /// <summary>A snapshot is of use to later releases: where its form is raised, that is on purpose.</summary>
    [Theory]
    [MemberData(nameof(VersionsWithSnapshots))]
    public async Task Load_WhenAReleaseLeftASnapshot_NeedsNoneOfWhatWasBefore(string version, StoreKind kind)
    {
        var release = new Release(version, kind);
        await using var copy = await CopyAsync(release);
        await using var stored = await StoredRelease.OpenAsync(copy, Read(release).At);
        Assert.True(await stored.FoldSnapshotsAsync() > 0, "The database was to have a saga with a snapshot.");
    }

    /// <summary>A file that was migrated and a new one are the same; so a script that a release has run is never changed.</summary>
    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Open_WhenAReleaseWroteTheDatabase_MigratesItToTheSchemaOfANewOne(string version, StoreKind kind)
    {
        await using var copy = await CopyAsync(new Release(version, kind));
        await using var fresh = await ReleaseStore.NewAsync(kind);
        foreach (var store in (ReleaseStore[])[copy, fresh])
            await (await StoredRelease.OpenAsync(store, DateTimeOffset.UnixEpoch.AddYears(60))).DisposeAsync();
        var (then, today) = (await copy.ReadSchemaAsync(), await fresh.ReadSchemaAsync());
        Assert.True(
            then.SequenceEqual(today),
            $"A database of {version} that is opened here has another schema than a new one. Add a script Schema/00N.sql that brings it "
                + $"there; do not change one that a release has run.\nOnly {version} has: {string.Join('\n', then.Except(today))}\nOnly "
                + $"a new one has: {string.Join('\n', today.Except(then))}"
        );
    }

    [Fact]
    public async Task Open_WhenAnEngineOfAnEarlierReleaseIsAlive_IsRefusedAndChangesNothing()
    {
        await using var copy = await CopyAsync(new Release("0.1.0", StoreKind.PostgreSql));
        var before = await copy.ReadSchemaAsync();
        await using (await ((PostgreSqlReleaseStore)copy).HoldAsync())
        {
            var refused = await Assert.ThrowsAsync<Storage.StoreException>(() =>
                StoredRelease.OpenAsync(copy, DateTimeOffset.UnixEpoch.AddYears(60))
            );
            Assert.Contains(
                "has schema version 1, and this program brings it to 2. Stop all engines of the earlier version first.",
                refused.Message,
                StringComparison.Ordinal
            );
        }

        Assert.Equal(before, await copy.ReadSchemaAsync());
        await (await StoredRelease.OpenAsync(copy, DateTimeOffset.UnixEpoch.AddYears(60))).DisposeAsync();
        Assert.NotEqual(before, await copy.ReadSchemaAsync());
    }

    private static RecordedStore Read(Release release) =>
        JsonSerializer.Deserialize<RecordedStore>(File.ReadAllText(release.Description), Json)!;

    /// <summary>All that was recorded is still said; more may be said.</summary>
    private static void Holds(JsonNode? recorded, JsonNode? now, string where)
    {
        switch (recorded, now)
        {
            case (JsonObject then, JsonObject today):
                foreach (var (name, value) in then)
                    Holds(value, today[name], $"{where}, {name}");
                break;
            case (JsonArray then, JsonArray today):
                Assert.True(
                    then.Count == today.Count,
                    $"{where}: there were {then.Count} then, and there are {today.Count} now: {today.ToJsonString()}"
                );
                for (var i = 0; i < then.Count; i++)
                    Holds(then[i], today[i], $"{where}, {i + 1}.");
                break;
            default:
                Assert.True(
                    JsonNode.DeepEquals(recorded, now),
                    $"{where}: it was {recorded?.ToJsonString() ?? "nothing"}, and is read as {now?.ToJsonString() ?? "nothing"}. A "
                        + "format changed without a way to read the old one."
                );
                break;
        }
    }

    private static async Task WriteAsync(Release release)
    {
        Assert.False(
            File.Exists(release.Database),
            $"{release.Database} is there already. The database of a release is never changed; before the release, delete it first."
        );
        Directory.CreateDirectory(release.Directory);
        await using var written = await ReleaseStore.NewAsync(release.Kind);
        await using var script = new GoldenScript(written);
        await script.WriteAsync(release.Database);
        var at = script.Now;

        await using var looked = await CopyAsync(release);
        await using var run = await CopyAsync(release);
        await using var stored = await StoredRelease.OpenAsync(looked, at);
        await using var running = await RunningRelease.StartAsync(run, at);
        var sagas = new List<RecordedSaga>();
        foreach (var saga in script.Sagas)
        {
            if (saga.Verb is { } verb)
                Assert.IsType<SagaResult.Accepted>(await running.ActAsync(saga.Id, verb));
            var (ends, calls) = await running.EndAsync(saga.Id);
            sagas.Add(
                new(
                    saga.Id,
                    saga.Type,
                    saga.Request,
                    saga.Data,
                    await stored.RowAsync(saga.Id),
                    await stored.ViewAsync(saga.Id),
                    await stored.HistoryAsync(saga.Id),
                    saga.Asked,
                    saga.Verb,
                    ends,
                    calls
                )
            );
        }
        await File.WriteAllTextAsync(
            release.Description,
            Lines(JsonSerializer.SerializeToNode(new RecordedStore(at, sagas), Json)!.AsObject())
        );
    }

    /// <summary>One member of a saga, or one entry of its history, to a line.</summary>
    private static string Lines(JsonObject store)
    {
        var sagas = store["sagas"]!
            .AsArray()
            .Select(saga =>
                "{\n    " + string.Join(",\n    ", saga!.AsObject().Select(member => $"\"{member.Key}\": {Line(member.Value)}")) + "\n  }"
            );
        return $"{{\"at\": {store["at"]!.ToJsonString()}, \"sagas\": [\n  {string.Join(",\n  ", sagas)}\n]}}\n";

        static string Line(JsonNode? member) =>
            member is JsonArray { Count: > 0 } all && all[0] is JsonObject
                ? $"[\n      {string.Join(",\n      ", all.Select(one => one!.ToJsonString(Json)))}]"
                : member?.ToJsonString(Json) ?? "null";
    }

    private static Task<ReleaseStore> CopyAsync(Release release)
    {
        if (release.Kind == StoreKind.PostgreSql)
            Assert.SkipWhen(ThrowawayPostgres.Obstacle is not null, ThrowawayPostgres.Obstacle ?? "");
        return ReleaseStore.CopyAsync(release);
    }
}
