using OrleansSagas.Simulation.Tests.Services;
using OrleansSagas.Simulation.Tests.Worlds;

namespace OrleansSagas.Simulation.Tests.Scenarios;

/// <summary>What one run consists of: definitions, settings, how much is asked and how much goes wrong; drawn from the seed.</summary>
internal sealed class Scenario
{
    private readonly Dictionary<string, TimeSpan> _timeouts = [];

    public Scenario(Chance chance)
    {
        Mischief = chance.OneOf(0, 0.05, 0.2, 0.5);
        Latency = TimeSpan.FromMilliseconds(chance.OneOf(5, 50, 500, 5_000));
        CommitDelay = TimeSpan.FromMilliseconds(chance.OneOf(1, 5, 50, 500));
        ReadDelay = TimeSpan.FromMilliseconds(chance.OneOf(1, 20, 1_000));
        CommitFails = chance.OneOf(0, 0, 0.01, 0.1);
        CommitUnknown = chance.OneOf(0, 0, 0.01, 0.1);
        ReadFails = chance.OneOf(0, 0, 0.01, 0.1);
        TimerLateness = TimeSpan.FromMilliseconds(chance.OneOf(0, 0, 20));
        MaxBatch = chance.OneOf(1, 4, 4096);
        Storm = TimeSpan.FromSeconds(chance.Between(5, 120));
        Sagas = chance.OneOf(1, 3, 8, 20);
        Crashes = chance.OneOf(0, 1, 3, 8);
        Stops = chance.OneOf(0, 0, 1, 3);
        Overlaps = chance.OneOf(0, 0, 0, 1, 3);
        ClockJumps = chance.OneOf(0, 0, 0, 1, 3);
        Verbs = chance.OneOf(0, 0, 2, 10);
        Options = new SagaOptions
        {
            IdleAfter = TimeSpan.FromSeconds(chance.OneOf(1, 3, 10)),
            MaxActiveSagas = chance.OneOf(2, 10, 10_000, 10_000),
            ResumeParallelism = chance.OneOf(1, 4, 64),
            StopTimeout = TimeSpan.FromSeconds(chance.OneOf(0, 1, 15)),
        };
        Definitions = [.. Enumerable.Range(1, chance.Between(1, 3)).Select(number => Define(chance, $"type{number}"))];
        Losses = chance.OneOf(0, 0, 3, 20);
        LossesAreSudden = chance.Happens(0.3);
        // With an engine beside it that has them, one of a single process must not hold anything.
        Lacks = Overlaps > 0 ? 0 : chance.OneOf(0, 0, 0.3, 0.7);
    }

    public IReadOnlyList<SagaDefinition> Definitions { get; }

    public SagaOptions Options { get; }

    /// <summary>How many clients start a saga each.</summary>
    public int Sagas { get; }

    public int Crashes { get; }

    public int Stops { get; }

    /// <summary>How often a new process begins while the old one lives.</summary>
    public int Overlaps { get; }

    public int ClockJumps { get; }

    /// <summary>How often a saga loses its activation while its process lives.</summary>
    public int Losses { get; }

    /// <summary>Whether activations are lost in the middle of a commit.</summary>
    public bool LossesAreSudden { get; }

    /// <summary>How likely a life lacks one of the definitions.</summary>
    public double Lacks { get; }

    /// <summary>How often operators act while things go wrong.</summary>
    public int Verbs { get; }

    /// <summary>For how long sagas are started and things go wrong.</summary>
    public TimeSpan Storm { get; }

    /// <summary>How likely a call of a service goes wrong.</summary>
    public double Mischief { get; }

    public TimeSpan Latency { get; }

    public TimeSpan CommitDelay { get; }

    public TimeSpan ReadDelay { get; }

    public double CommitFails { get; }

    public double CommitUnknown { get; }

    public double ReadFails { get; }

    public TimeSpan TimerLateness { get; }

    public int MaxBatch { get; }

    /// <summary>Set when nothing goes wrong any more, so that all that was begun must come to its end.</summary>
    public bool IsCalm { get; set; }

    /// <summary>What the steps call; set before the first one runs.</summary>
    public Worker Worker { get; set; } = null!;

    public TimeSpan TimeoutOf(string step) => _timeouts[step];

    private SagaDefinition Define(Chance chance, string type)
    {
        var saga = Saga.Define<SimulatedData>(type);
        var steps = chance.OneOf(1, 2, 3, 4, 6);
        for (var i = 1; i <= steps; i++)
            saga.Step($"{type}-{i}", step => Define(chance, step, $"{type}-{i}"));
        if (chance.Happens(0.3))
            saga.Deadline(TimeSpan.FromSeconds(chance.OneOf(2, 20, 120)));
        if (chance.Happens(0.3))
            saga.Tag("results", data => data.Results.Length > 100 ? null : data.Results);
        return saga.Build();
    }

    private void Define(Chance chance, StepBuilder<SimulatedData> step, string name)
    {
        // Half of the steps get their service from dependency injection.
        if (chance.Happens(0.5))
            step.Do<Worker, string>((worker, _, context) => worker.DoAsync(context), Fold);
        else
            step.Do((_, context) => Worker.DoAsync(context), Fold);
        if (chance.Happens(0.8))
        {
            if (chance.Happens(0.5))
                step.Undo<Worker>((worker, _, context) => worker.UndoAsync(context));
            else
                step.Undo((_, context) => Worker.UndoAsync(context));
            step.UndoRetry(Policy(chance));
        }

        _timeouts[name] = TimeSpan.FromSeconds(chance.OneOf(1, 5, 30));
        step.Retry(Policy(chance)).Timeout(_timeouts[name]);
    }

    private static RetryPolicy Policy(Chance chance)
    {
        var delay = TimeSpan.FromMilliseconds(chance.OneOf(0, 10, 1_000, 15_000));
        return new RetryPolicy
        {
            MaxAttempts = chance.OneOf<int?>(1, 2, 5, 20, null),
            Delay = delay,
            MaxDelay = delay * 4,
            Factor = chance.OneOf(1, 2, 3),
            NonRetryableErrors = chance.Happens(0.5)
                ? [chance.OneOf<ErrorName>(typeof(FinalErrorException), nameof(FinalErrorException))]
                : [],
        };
    }

    private static SimulatedData Fold(SimulatedData data, string result) =>
        result == data.NoFold
            ? throw new FormatException("This result cannot be folded.")
            : data with
            {
                Results = $"{data.Results}{result};",
            };
}
