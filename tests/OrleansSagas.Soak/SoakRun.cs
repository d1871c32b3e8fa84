using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using OrleansSagas.TestKit.Silos.Auditing;
using OrleansSagas.TestKit.Silos.Loading;
using OrleansSagas.TestKit.Silos.Recovering;
using OrleansSagas.TestKit.Silos.Running;

namespace OrleansSagas.Soak;

/// <summary>Load and trouble for a while, then calm; then everything is held against what was said.</summary>
internal sealed partial class SoakRun(SoakPlan plan)
{
    private static readonly TimeSpan ToEnd = TimeSpan.FromMinutes(3);

    private readonly Wrongs _wrongs = new();
    private readonly Figures _figures = new();

    /// <summary>Whether every promise was kept.</summary>
    public async Task<bool> RunAsync()
    {
        using var disk = SmallDisk.TryMount(out var why);
        using var place = disk is null ? new SiloPlace() : new SiloPlace { Data = disk.Directory };
        Say($"soak: seed {plan.Seed}, {plan.Length.TotalMinutes:0.##} minutes of trouble, {plan.Callers} callers");
        if (disk is null)
            Say($"full disks: NOT run, because no small file system can be mounted here: {why}");
        try
        {
            await RunAsync(place, disk);
        }
        catch (Exception failure)
        {
            _wrongs.Add($"The run broke off: {failure}{Environment.NewLine}{place.LogTail()}");
        }
        if (_wrongs.Any)
        {
            place.IsKept = true;
            KeepData(place, disk);
            Say($"{_wrongs}{Environment.NewLine}Data and log are kept in {place.Directory}");
        }
        Say($"violations: {_wrongs.Count}");
        return !_wrongs.Any;
    }

    private async Task RunAsync(SiloPlace place, SmallDisk? disk)
    {
        var sagas = place.Client(options =>
        {
            options.RetryFor = TimeSpan.FromMinutes(3);
            options.RetryDelay = TimeSpan.FromMilliseconds(20);
            options.MaxRetryDelay = TimeSpan.FromMilliseconds(200);
        });
        var load = new Load(sagas, plan.Seed, _wrongs, plan.Callers, plan.LongestPause);
        var operators = new Operators(sagas, place.Http(), load, plan.Seed, _wrongs);
        var followers = new Followers(sagas, load, plan.Seed, _wrongs);
        load.Begin();
        operators.Begin();
        followers.Begin();

        await using var troubles = new Troubles(place, sagas, load, disk, new Dice(plan.Seed), _figures, _wrongs);
        await troubles.RunAsync(plan.Length);
        await Task.WhenAll(load.EndAsync(), operators.EndAsync()).WaitAsync(ToEnd);
        var unknown = load.Promises.Count(promise => promise.Saga is null);
        var drained = await Draining.EndAllAsync(sagas, operators, ToEnd);
        await followers.EndAsync().WaitAsync(ToEnd);

        var clock = Stopwatch.StartNew();
        var audit = new Audit(sagas, place.Http(), load.Promises, operators.Deeds, _wrongs);
        await audit.RunAsync();
        await followers.AuditAsync();
        await troubles.EndAsync();
        CheckFiles(place.Data);

        Say(
            $"requests: {load.Promises.Count}, of them {unknown} not acknowledged before their callers hung up; {load.Repeats} repeated "
                + "on purpose"
        );
        Say($"sagas: {audit.Sagas}: {audit}");
        var done = operators.Deeds.Where(deed => deed.IsDone).GroupBy(deed => deed.Verb).OrderBy(verb => verb.Key);
        Say(
            $"operators: {operators.Deeds.Count} verbs, {operators.Deeds.Count(deed => deed.IsDone)} of them done: "
                + $"{string.Join(", ", done.Select(verb => $"{verb.Count()} {verb.Key}"))}"
        );
        Say($"followers: {followers}");
        foreach (var line in _figures.Lines())
            Say(line);
        SayErrors(place.LogFile);
        Say(
            string.Create(
                CultureInfo.InvariantCulture,
                $"all ended {drained.TotalSeconds:0.0} s after the last of it; audited in {clock.Elapsed.TotalSeconds:0.0} s"
            )
        );
    }

    /// <summary>The databases themselves are whole.</summary>
    private void CheckFiles(string directory)
    {
        foreach (var file in Directory.GetFiles(directory, "*.db"))
        {
            using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
            connection.Open();
            using var check = connection.CreateCommand();
            check.CommandText = "PRAGMA integrity_check";
            var found = check.ExecuteScalar() as string;
            _wrongs.Unless(found == "ok", $"The database {file} is damaged: {found}");
            Say(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"file: {Path.GetFileName(file)}, {new FileInfo(file).Length / 1048576.0:0.0} MiB, integrity {found}"
                )
            );
        }
    }

    /// <summary>What the silo called an error, by who said it: expected while its disk is full, and of interest all the same.</summary>
    private static void SayErrors(string log)
    {
        var errors = File.ReadLines(log)
            .Select(line => ErrorLine().Match(line))
            .Where(found => found.Success)
            .GroupBy(found => found.Groups[1].Value)
            .OrderByDescending(all => all.Count())
            .Select(all => $"{all.Count()} {all.Key}")
            .ToList();
        Say($"errors in the silo's log: {(errors.Count == 0 ? "none" : string.Join(", ", errors))}");
    }

    private static void KeepData(SiloPlace place, SmallDisk? disk)
    {
        foreach (var file in disk is null ? [] : Directory.GetFiles(disk.Directory))
            File.Copy(file, Path.Combine(place.Directory, Path.GetFileName(file)), overwrite: true);
    }

    private static void Say(string line) => Console.WriteLine(line);

    [GeneratedRegex(@"^\S+ (?:fail|crit): (\S+\[\d+\])")]
    private static partial Regex ErrorLine();
}
