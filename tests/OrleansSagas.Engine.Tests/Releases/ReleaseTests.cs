using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using OrleansSagas.Storage.Sqlite;
using OrleansSagas.Storage.Sqlite.Native;

namespace OrleansSagas.Tests.Releases;

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

    public static TheoryData<string> Versions => [.. Release.All.Select(release => release.Version)];

    [Fact]
    public async Task This_Always_HasItsDatabase()
    {
        if (Environment.GetEnvironmentVariable("WRITE_GOLDEN") == "1")
            await WriteAsync(Release.This);
        Assert.True(
            File.Exists(Release.This.Database) && File.Exists(Release.This.Description),
            $"Version {Release.This.Version} has no database in {Release.This.Directory}. Write it: WRITE_GOLDEN=1 dotnet test tests/OrleansSagas.Engine.Tests --filter ReleaseTests");
        Assert.InRange(new FileInfo(Release.This.Database).Length + new FileInfo(Release.This.Description).Length, 1, 200_000);
    }

    [Fact]
    public void This_Always_HasASagaInEveryStatus()
    {
        var recorded = Read(Release.This);

        // No saga waits yet, and the first release held none.
        SagaStatus[] unknown = Release.This.Version == "0.1.0" ? [SagaStatus.Waiting, SagaStatus.Held] : [SagaStatus.Waiting];
        var known = Enum.GetValues<SagaStatus>().Except(unknown).Order();
        Assert.Equal(known, recorded.Sagas.Select(saga => Enum.Parse<SagaStatus>((string)saga.Row["status"]!)).Distinct().Order());
        Assert.Contains(recorded.Sagas, saga => (long)saga.Row["snapshotRevision"]! > 0);
        Assert.Contains(recorded.Sagas, saga => saga.Row["wakeAt"] is not null);
        Assert.Contains(recorded.Sagas, saga => saga.Row["owner"] is not null);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Load_WhenAReleaseWroteTheDatabase_ShowsEachSagaAsItWas(string version)
    {
        var release = new Release(version);
        var recorded = Read(release);
        using var copy = new Copy(release);
        await using var stored = await StoredRelease.OpenAsync(copy.Path, recorded.At);
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
    public async Task Start_WhenAReleaseWroteTheDatabase_BringsEachSagaToItsEnd(string version)
    {
        var release = new Release(version);
        var recorded = Read(release);
        using var copy = new Copy(release);
        await using var running = await RunningRelease.StartAsync(copy.Path, recorded.At);
        foreach (var saga in recorded.Sagas)
        {
            Taken(await running.StartAgainAsync(saga.Type, saga.Data, saga.Request), saga, "a repeat of its start");
            if (saga.Asked is { } asked)
                Taken(await running.ActAsync(saga.Id, asked, $"ask-{saga.Id}"), saga, $"a repeat of what an operator had asked, {asked},");
            if (saga.Verb is { } verb)
                Taken(await running.ActAsync(saga.Id, verb), saga, $"{verb}");

            void Taken(SagaAnswer answer, RecordedSaga of, string what) =>
                Assert.True((answer as SagaAnswer.Accepted)?.View.Id.Value == of.Id, $"Saga {of.Id}, stored by {version}: {what} was to be taken; the answer is {answer}");
        }
        foreach (var saga in recorded.Sagas)
        {
            var (status, calls) = await running.EndAsync(saga.Id);
            Assert.True(status == saga.Ends && calls.SequenceEqual(saga.Calls),
                $"Saga {saga.Id}, stored by {version}, was to end {saga.Ends} after the calls [{string.Join(", ", saga.Calls)}]; it ended {status} after [{string.Join(", ", calls)}].");
            var events = await running.EventsAsync(saga.Id);
            Assert.Equal(saga.History.Select(entry => (string)entry!["event"]!), events.Take(saga.History.Count));
        }
    }

    /// <summary>A file that was migrated and a new one are the same; so a script that a release has run is never changed.</summary>
    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Open_WhenAReleaseWroteTheDatabase_MigratesItToTheSchemaOfANewOne(string version)
    {
        using var copy = new Copy(new Release(version));
        using var fresh = new Copy(null);
        foreach (var path in (string[])[copy.Path, fresh.Path])
            await (await StoredRelease.OpenAsync(path, DateTimeOffset.UnixEpoch.AddYears(60))).DisposeAsync();
        var (then, today) = (SchemaOf(copy.Path), SchemaOf(fresh.Path));
        Assert.True(
            then.SequenceEqual(today),
            $"A database of {version} that is opened here has another schema than a new one. Add a script Schema/00N.sql that brings it there; do not change one that a release has run.\nOnly {version} has: {string.Join('\n', then.Except(today))}\nOnly a new one has: {string.Join('\n', today.Except(then))}");
    }

    private static RecordedStore Read(Release release) => JsonSerializer.Deserialize<RecordedStore>(File.ReadAllText(release.Description), Json)!;

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
                Assert.True(then.Count == today.Count, $"{where}: there were {then.Count} then, and there are {today.Count} now: {today.ToJsonString()}");
                for (var i = 0; i < then.Count; i++)
                    Holds(then[i], today[i], $"{where}, {i + 1}.");
                break;
            default:
                Assert.True(JsonNode.DeepEquals(recorded, now), $"{where}: it was {recorded?.ToJsonString() ?? "nothing"}, and is read as {now?.ToJsonString() ?? "nothing"}. A format changed without a way to read the old one.");
                break;
        }
    }

    private static async Task WriteAsync(Release release)
    {
        Assert.False(Directory.Exists(release.Directory), $"{release.Directory} is there already. The database of a release is never changed; before the release, delete it first.");
        Directory.CreateDirectory(release.Directory);
        await using var script = new GoldenScript();
        await script.WriteAsync(release.Database);
        var at = script.Now;

        using var looked = new Copy(release);
        using var run = new Copy(release);
        await using var stored = await StoredRelease.OpenAsync(looked.Path, at);
        await using var running = await RunningRelease.StartAsync(run.Path, at);
        var sagas = new List<RecordedSaga>();
        foreach (var saga in script.Sagas)
        {
            if (saga.Verb is { } verb)
                Assert.IsType<SagaAnswer.Accepted>(await running.ActAsync(saga.Id, verb));
            var (ends, calls) = await running.EndAsync(saga.Id);
            sagas.Add(new(saga.Id, saga.Type, saga.Request, saga.Data, await stored.RowAsync(saga.Id), await stored.ViewAsync(saga.Id), await stored.HistoryAsync(saga.Id), saga.Asked, saga.Verb, ends, calls));
        }
        await File.WriteAllTextAsync(release.Description, Lines(JsonSerializer.SerializeToNode(new RecordedStore(at, sagas), Json)!.AsObject()));
    }

    /// <summary>One member of a saga, or one entry of its history, to a line.</summary>
    private static string Lines(JsonObject store)
    {
        var sagas = store["sagas"]!.AsArray().Select(saga => "{\n    " + string.Join(",\n    ", saga!.AsObject().Select(member => $"\"{member.Key}\": {Line(member.Value)}")) + "\n  }");
        return $"{{\"at\": {store["at"]!.ToJsonString()}, \"sagas\": [\n  {string.Join(",\n  ", sagas)}\n]}}\n";

        static string Line(JsonNode? member) => member is JsonArray { Count: > 0 } all && all[0] is JsonObject
            ? $"[\n      {string.Join(",\n      ", all.Select(one => one!.ToJsonString(Json)))}]"
            : member?.ToJsonString(Json) ?? "null";
    }

    private static List<string> SchemaOf(string path)
    {
        using var connection = new SqliteConnection(path, TimeSpan.FromSeconds(5));
        using var statement = connection.PrepareOnce("SELECT type || ' ' || name || ': ' || COALESCE(sql, '') FROM sqlite_master ORDER BY type, name");
        var lines = new List<string> { $"version {connection.Scalar("PRAGMA user_version")}" };
        while (statement.Step())
            lines.Add(statement.Text(0));
        return lines;
    }

    /// <summary>A database that may be written to: a copy of a release's, or none yet.</summary>
    private sealed class Copy : IDisposable
    {
        private readonly string _directory = Directory.CreateTempSubdirectory("sagas-").FullName;

        public Copy(Release? release)
        {
            if (release is not null)
                File.Copy(release.Database, Path);
        }

        public string Path => System.IO.Path.Combine(_directory, "sagas.db");

        public void Dispose() => Directory.Delete(_directory, recursive: true);
    }
}
