using System.Text.Json;
using OrleansSagas.Simulation.Tests.Checks;
using OrleansSagas.Simulation.Tests.Worlds;

namespace OrleansSagas.Simulation.Tests.Scenarios;

/// <summary>Those who start sagas: they repeat what was not answered, hang up, ask twice at once, and come back later.</summary>
internal sealed class Clients(World world, Scenario scenario, Rules rules)
{
    private readonly Chance _chance = world.Chance.Fork();
    private readonly Dictionary<string, StartSaga> _starts = [];
    private int _busy;

    /// <summary>Whether all have got an answer.</summary>
    public bool AreDone => _busy == 0;

    public void Begin()
    {
        for (var i = 1; i <= scenario.Sagas; i++)
        {
            var start = Draw(i);
            _busy++;
            world.Outside(async () =>
            {
                await world.DelayAsync(TimeSpan.FromMilliseconds(_chance.Below((int)scenario.Storm.TotalMilliseconds)));
                if (_chance.Happens(0.1))
                    AskBeside(start);
                while (await AskAsync(start) is null)
                    await world.DelayAsync(_chance.UpTo(TimeSpan.FromSeconds(2)));
                _busy--;
                while (start.RequestId is not null && !scenario.IsCalm && _chance.Happens(0.3))
                {
                    await world.DelayAsync(_chance.UpTo(TimeSpan.FromSeconds(20)));
                    await AskAsync(start);
                }
            });
        }
    }

    /// <summary>Two clients use the same request ids, and have each a name of their own.</summary>
    public static string CallerOf(int client) => client % 2 == 0 ? "anna" : "boris";

    /// <summary>What each client gives to its saga; one in three nothing.</summary>
    public static IReadOnlyDictionary<string, string>? HeadersOf(int client) =>
        client % 3 == 0 ? null : new Dictionary<string, string> { ["client"] = $"{client}" };

    /// <summary>Repeats every request that was acknowledged: each must name the same saga, with the result that it has.</summary>
    public async Task RepeatAllAsync()
    {
        foreach (var (request, saga) in rules.Started.OrderBy(started => started.Key, StringComparer.Ordinal).ToArray())
        {
            var start = _starts[request] with { Wait = TimeSpan.Zero };
            SagaResult? answer;
            while ((answer = await AskAsync(start)) is null)
                await world.DelayAsync(TimeSpan.FromSeconds(1));
            var view = (answer as SagaResult.Accepted)?.View;
            if (view is null || view.Id != saga.Id || view.Status != rules.Of(saga).State!.Status)
                world.Fail(
                    $"The request {request} started {saga.Id}, which is {rules.Of(saga).State!.Status}; its repeat was answered with "
                        + $"{answer}."
                );
        }
    }

    /// <summary>The same request twice at once. Without a key this one may start a saga of its own.</summary>
    private void AskBeside(StartSaga start)
    {
        _busy++;
        world.Outside(async () =>
        {
            await AskAsync(start);
            _busy--;
        });
    }

    private StartSaga Draw(int client)
    {
        var definition = scenario.Definitions[_chance.Below(scenario.Definitions.Count)];
        var steps = definition.Plan.Steps;
        var noFold = _chance.Happens(0.1) ? steps[_chance.Below(steps.Length)].Path.Value : null;
        var start = new StartSaga
        {
            Type = definition.Plan.Type,
            Data = JsonSerializer.SerializeToUtf8Bytes(new SimulatedData(client, "", noFold), JsonSerializerOptions.Web),
            RequestId = _chance.Happens(0.9) ? $"start-{(client + 1) / 2}" : null,
            Caller = CallerOf(client),
            Headers = HeadersOf(client),
            Id = _chance.Happens(0.3) ? new SagaId($"named-{_chance.Below(scenario.Sagas + 1)}") : null,
            Wait = _chance.Happens(0.3) ? _chance.UpTo(TimeSpan.FromSeconds(30)) : TimeSpan.Zero,
        };
        if (start.RequestId is not null)
            _starts.Add(NameOf(start)!, start);
        return start;
    }

    private static string? NameOf(StartSaga start) => start.RequestId is null ? null : $"{start.Caller}/{start.RequestId}";

    /// <summary>Asks once; null when it must ask again.</summary>
    private async Task<SagaResult?> AskAsync(StartSaga start)
    {
        await world.DelayAsync(_chance.UpTo(scenario.Latency));
        var ready = world.Processes.Where(process => process.IsReady).ToArray();
        if (ready.Length == 0)
            return null;
        var process = ready[_chance.Below(ready.Length)];
        var hangUp = new CancellationTokenSource();
        if (!scenario.IsCalm && _chance.Happens(0.1))
            world.Send(_chance.UpTo(TimeSpan.FromSeconds(1)), hangUp.Cancel);
        var answer = await process.CallAsync(sagas => sagas.StartAsync(start, hangUp.Token));

        // The answer was true when it was given: no later than here.
        if (answer is SagaResult.Accepted accepted)
            rules.OnAnswer(accepted.View, NameOf(start));
        if (world.Traces)
        {
            var said = answer is SagaResult.Accepted taken ? $"{taken.View.Id} {taken.View.Status}" : answer?.ToString() ?? "no answer";
            world.Say("client", $"{start.RequestId ?? "(no key)"} {start.Id?.Value}: {said}");
        }

        return answer is SagaResult.Refused { Refusal: SagaRefusal.Unavailable or SagaRefusal.Overloaded or SagaRefusal.UnknownType }
            ? null
            : answer;
    }
}
