using System.CommandLine;
using System.CommandLine.Parsing;
using OrleansSagas.Bench.Growth;
using OrleansSagas.Bench.Idle;
using OrleansSagas.Bench.Measuring;
using OrleansSagas.Bench.Reporting;
using OrleansSagas.Bench.Silo;
using OrleansSagas.Bench.Workloads;
using OrleansSagas.TestKit;

namespace OrleansSagas.Bench;

/// <summary>The program's command line.</summary>
internal static class BenchCommandLine
{
    private static readonly Option<StoreKind> Store = new("--store")
    {
        Description = "The store: sqlite or postgres.",
        DefaultValueFactory = _ => BenchOptions.Default.Store,
    };

    private static readonly Option<string?> Server = new("--server")
    {
        Description = "A PostgreSQL connection string, in place of a throwaway server; a schema is made in it and dropped again.",
    };

    private static readonly Option<int> Silos = new("--silos")
    {
        Description = "How many silos share the load; more than one over postgres.",
        DefaultValueFactory = _ => BenchOptions.Default.Silos,
    };

    private static readonly Option<Transport> Transport = new("--transport")
    {
        Description = "http: from a process of its own; inproc: by method call.",
        DefaultValueFactory = _ => BenchOptions.Default.Transport,
    };

    private static readonly Option<int> Concurrency = new("--concurrency")
    {
        Description = "Sagas under way at a time.",
        DefaultValueFactory = _ => BenchOptions.Default.Concurrency,
    };

    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "How long to measure.",
        DefaultValueFactory = _ => BenchOptions.Default.Seconds,
    };

    private static readonly Option<double> Warmup = new("--warmup")
    {
        Description = "Seconds of load before that.",
        DefaultValueFactory = _ => BenchOptions.Default.Warmup,
    };

    private static readonly Option<Variant> Variant = new("--variant")
    {
        Description = "ok: four steps are done; fail: the fourth is rejected and three are undone.",
        DefaultValueFactory = _ => BenchOptions.Default.Variant,
    };

    private static readonly Option<int> Steps = new("--steps")
    {
        Description = "Steps of each saga, 1 to 100, where the engine is measured with variant ok.",
        DefaultValueFactory = _ => BenchOptions.Default.Steps,
    };

    private static readonly Option<bool> Raw = new("--raw")
    {
        Description = "Measure the bare writer too, after the engine, and print how they compare.",
    };

    private static readonly Option<bool> InProcess = new("--in-process")
    {
        Description = "Measure the engine for one process too, after the engine in a silo, and print how they compare.",
    };

    private static readonly Option<bool> Floor = new("--floor")
    {
        Description = "Measure the floor too: an Orleans silo with an endpoint that calls an empty grain with a new key, and nothing else.",
    };

    private static readonly Option<bool> Peers = new("--peers")
    {
        Description = "Measure other saga libraries too, over the same PostgreSQL: Wolverine with Marten.",
    };

    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "How often all is measured, every second time in the other order; the ratios are the median of the rounds'.",
        DefaultValueFactory = _ => BenchOptions.Default.Rounds,
    };

    private static readonly Option<WorkloadKind?> Only = new("--only")
    {
        Description = "Measure this alone. empty: an endpoint that does nothing, the generator's own ceiling; emptygrain: the floor.",
    };

    private static readonly Option<TimeSpan> SyncDelay = new("--sync-delay")
    {
        Description = "Added to each transaction's sync, such as 2ms.",
        CustomParser = ParseDuration,
        DefaultValueFactory = _ => BenchOptions.Default.SyncDelay,
    };

    private static readonly Option<int> OrdersData = new("--orders-data")
    {
        Description = "Bytes of JSON that each saga is started with; 0 for the smallest order.",
        DefaultValueFactory = _ => BenchOptions.Default.OrderBytes,
    };

    private static readonly Option<string> Collector = new("--gc")
    {
        Description = "The silo's garbage collector: server or workstation.",
        DefaultValueFactory = _ => BenchOptions.Default.ServerCollector ? "server" : "workstation",
    };

    private static readonly Option<DirectoryInfo> Data = new("--data")
    {
        Description = "Where the stores are made and removed again; a directory on the disk to be measured.",
        DefaultValueFactory = _ => new DirectoryInfo(BenchOptions.Default.DataDirectory),
    };

    private static readonly Option<FileInfo?> Json = new("--json") { Description = "Write the result to this file too." };

    /// <summary>Makes the command line.</summary>
    public static RootCommand Create()
    {
        Collector.AcceptOnlyFromAmong("server", "workstation");
        Require(Concurrency, value => value is >= 1 and <= 10_000, "between 1 and 10000");
        Require(Silos, value => value is >= 1 and <= 16, "between 1 and 16");
        Require(Seconds, value => value > 0, "more than 0");
        Require(Warmup, value => value >= 0, "0 or more");
        Require(Variant, value => value is Bench.Variant.Ok or Bench.Variant.Fail, "ok or fail");
        Require(Rounds, value => value is >= 1 and <= 100, "between 1 and 100");
        Require(Steps, value => value is >= 1 and <= 100, "between 1 and 100");
        Require(OrdersData, value => value is >= 0 and <= 65_536, "between 0 and 65536");

        var root = new RootCommand("Closed-loop load against the saga engine, and against the limit to measure it by.");
        foreach (
            var option in (Option[])
                [
                    Store,
                    Server,
                    Silos,
                    Transport,
                    Concurrency,
                    Seconds,
                    Warmup,
                    Variant,
                    Steps,
                    InProcess,
                    Floor,
                    Raw,
                    Peers,
                    Only,
                    Rounds,
                    SyncDelay,
                    OrdersData,
                    Collector,
                    Data,
                    Json,
                ]
        )
            root.Options.Add(option);
        root.Subcommands.Add(GrowCommand.Create(Store, Server, Transport, Concurrency, Collector, Data));
        root.Subcommands.Add(WaitingCommand.Create(Store, Server, Collector, Data));
        root.Subcommands.Add(AgeCommand.Create(Store, Server, Concurrency, Collector, Data));
        root.Subcommands.Add(IdleCommand.Create(Store, Server, Collector, Data));
        root.Subcommands.Add(SiloCommand.Create());
        root.Validators.Add(result =>
        {
            if (result.GetValue(Store) == StoreKind.Postgres && result.GetValue(SyncDelay) > TimeSpan.Zero)
                result.AddError("--sync-delay is of --store sqlite: what PostgreSQL's disk takes is the server's.");
            if (
                result.GetValue(Silos) > 1
                && (result.GetValue(Store) != StoreKind.Postgres || result.GetValue(Transport) != Bench.Transport.Http)
            )
                result.AddError("--silos is of --store postgres and --transport http: one file has one silo, and one process too.");
            var workloads = WorkloadsOf(result);
            if (
                workloads.Any(Workload.IsPeer)
                && (result.GetValue(Store), result.GetValue(Transport)) != (StoreKind.Postgres, Bench.Transport.Http)
            )
                result.AddError("--peers is of --store postgres and --transport http.");
            if (
                result.GetResult(Steps) is { Implicit: false }
                && (result.GetValue(Variant) != Bench.Variant.Ok || !workloads.All(w => w is WorkloadKind.Engine or WorkloadKind.InProcess))
            )
                result.AddError("--steps is of the engine, with and without Orleans, and of --variant ok: all else has four.");
        });
        root.SetAction(RunAsync);
        return root;
    }

    /// <summary>Runs what measures, and answers the exit code. Interrupted, it leaves the run to end with the process.</summary>
    /// <param name="options">What is measured; checked for what this machine lacks.</param>
    /// <param name="run">Measures and prints; false when something was not as it must be.</param>
    /// <param name="interrupted">Whether nobody waits for it any more.</param>
    internal static async Task<int> RunAsync(BenchOptions options, Func<Task<bool>> run, CancellationToken interrupted)
    {
        if (options.Silos > 1 && (options.Workloads is not [WorkloadKind.Engine]))
        {
            await Console.Error.WriteLineAsync("Only the engine has more than one silo.");
            return 2;
        }

        if (options.Workloads.Any(Workload.IsPeer) && PeerProgram.Obstacle is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 2;
        }

        if (options.Store == StoreKind.Postgres && options.Server is null && ThrowawayPostgres.Obstacle is { } obstacle)
        {
            await Console.Error.WriteLineAsync($"{obstacle} Or name one with --server.");
            return 2;
        }

        try
        {
            return await run().WaitAsync(interrupted) ? 0 : 1;
        }
        catch (SiloEndedException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (OperationCanceledException e)
        {
            await Console.Error.WriteLineAsync(interrupted.IsCancellationRequested ? "Interrupted: nothing was measured." : e.Message);
            return 1;
        }
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken interrupted)
    {
        var options = Read(parsed);

        // However it ends: the files must not stay.
        using var run = new BenchRun(options);
        return await RunAsync(
            options,
            async () =>
            {
                var report = await run.RunAsync();
                ReportPrinter.Print(report, Console.Out);
                if (parsed.GetValue(Json) is { } file)
                    await ReportFile.WriteAsync(report, file);
                return report.Runs.All(r => r.Load is { Errors: 0, Completed: > 0 });
            },
            interrupted
        );
    }

    private static BenchOptions Read(ParseResult parsed) =>
        new()
        {
            Store = parsed.GetRequiredValue(Store),
            Server = parsed.GetValue(Server),
            Silos = parsed.GetRequiredValue(Silos),
            Transport = parsed.GetRequiredValue(Transport),
            Concurrency = parsed.GetRequiredValue(Concurrency),
            Seconds = parsed.GetRequiredValue(Seconds),
            Warmup = parsed.GetRequiredValue(Warmup),
            Variant = parsed.GetRequiredValue(Variant),
            Workloads = WorkloadsOf(parsed.RootCommandResult),
            Rounds = parsed.GetRequiredValue(Rounds),
            Steps = parsed.GetRequiredValue(Steps),
            SyncDelay = parsed.GetRequiredValue(SyncDelay),
            OrderBytes = parsed.GetRequiredValue(OrdersData),
            ServerCollector = parsed.GetRequiredValue(Collector) == "server",
            DataDirectory = parsed.GetRequiredValue(Data).FullName,
        };

    private static IReadOnlyList<WorkloadKind> WorkloadsOf(CommandResult given)
    {
        if (given.GetValue(Only) is { } only)
            return [only];
        (Option<bool> Option, WorkloadKind Workload)[] others =
        [
            (InProcess, WorkloadKind.InProcess),
            (Floor, WorkloadKind.EmptyGrain),
            (Raw, WorkloadKind.Raw),
            (Peers, WorkloadKind.Wolverine),
        ];
        return [.. BenchOptions.Default.Workloads, .. others.Where(other => given.GetValue(other.Option)).Select(other => other.Workload)];
    }

    internal static void Require<T>(Option<T> option, Func<T, bool> fits, string what) =>
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<T>() is { } value && !fits(value))
                result.AddError($"{option.Name} must be {what}.");
        });

    private static TimeSpan ParseDuration(ArgumentResult result)
    {
        if (
            Durations.TryParse(result.Tokens[0].Value, out var duration)
            && duration == TimeSpan.FromMilliseconds((long)duration.TotalMilliseconds)
        )
            return duration;
        result.AddError($"--sync-delay takes whole milliseconds, such as 2ms; \"{result.Tokens[0].Value}\" is none.");
        return TimeSpan.Zero;
    }
}
