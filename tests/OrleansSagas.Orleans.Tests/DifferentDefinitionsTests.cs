using System.Text;
using OrleansSagas.Decisions;
using OrleansSagas.Engine.Tests;
using OrleansSagas.Execution;
using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Orleans.Tests;

/// <summary>Silos that differ in their definitions: a saga is where its own is.</summary>
public sealed class DifferentDefinitionsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TestService _service = new();
    private readonly Gate _gate = new();

    private SagaDefinition Quick(string type, int version = 1) =>
        Jobs.Define(type, version).Keyed("a", _service).Keyed("b", _service).Build();

    /// <summary>Waits at a gate at its first attempt.</summary>
    private SagaDefinition Slow(string type)
    {
        var calls = 0;
        return Jobs.Define(type)
            .Keyed("a", _service)
            .Step(
                "b",
                step =>
                    step.Retry(Jobs.AtOnce(5))
                        .Do(
                            async (_, context) =>
                            {
                                if (Interlocked.Increment(ref calls) == 1)
                                    await _gate.PassAsync(context.Cancellation);
                                _service.Do(context);
                            }
                        )
            )
            .Build();
    }

    /// <summary>A silo with <paramref name="first"/>, and one with <paramref name="second"/> that it knows.</summary>
    private async Task<ClusterFixture> StartAsync(SagaDefinition[] first, SagaDefinition[] second)
    {
        var cluster = await new ClusterFixture(first).StartAsync(1);
        cluster.Definitions = second;
        await cluster.AddAsync();
        await KnowEachOtherAsync(cluster);
        return cluster;
    }

    private static async Task KnowEachOtherAsync(ClusterFixture cluster)
    {
        for (var silo = 0; silo < cluster.Silos.Count; silo++)
            foreach (
                var plan in cluster
                    .Silos.SelectMany((_, other) => cluster.SagasOf(other).Catalog.All)
                    .Select(definition => definition.Plan.Identity)
                    .Distinct()
            )
            {
                var dispatcher = cluster.Of<ISagaDispatcher>(silo);
                if (cluster.SagasOf(silo).Catalog.Find(plan) is null)
                    await Wait.UntilAsync(
                        () => dispatcher.FindElsewhere(plan.Type, plan.Version) is not null,
                        $"silo {silo} knows who has {plan}"
                    );
            }
    }

    private static Task<SagaResult> StartAsync(ClusterFixture cluster, int silo, string type, string id, string? requestId = null) =>
        cluster.SagasOf(silo).StartAsync(ClusterFixture.Start(type, id, requestId), CancellationToken.None);

    private static bool IsAt(ClusterFixture cluster, int silo, string id) =>
        cluster.Of<SagaProcesses>(silo).Holds(new SagaKey(new SagaId(id)));

    private static Task<SagaResult> ActAsync(ClusterFixture cluster, int silo, string id, OperatorAction verb) =>
        cluster
            .SagasOf(silo)
            .ActAsync(
                new OperatorCommand
                {
                    Saga = new SagaKey(new SagaId(id)),
                    Verb = verb,
                    Reason = "why not",
                },
                CancellationToken.None
            );

    private static async Task BecomesAsync(ClusterFixture cluster, string id, SagaStatus status)
    {
        var began = Environment.TickCount64;
        while (true)
        {
            var saga = await cluster.Store.LoadAsync(new SagaKey(new SagaId(id)), CancellationToken.None);
            if (saga!.Row.Status == status)
                return;
            Assert.True(
                Environment.TickCount64 - began < Patience.TotalMilliseconds,
                $"Waited {Patience} for {id} to be {status}; it is {saga.Row.Status}, owner {saga.Row.Owner}: {saga.Row.Problem}"
            );
            await Task.Delay(20);
        }
    }

    [Fact]
    public async Task Start_WhenOnlyTheOtherSiloHasTheType_StartsItThere()
    {
        await using var cluster = await StartAsync([Quick("job")], [Quick("job"), Slow("extra")]);
        var view = Assert.IsType<SagaResult.Accepted>(await StartAsync(cluster, 0, "extra", "x", "request")).View;
        Assert.Equal("extra", view.Type);
        await _gate.Entered;
        Assert.Equal((false, true), (IsAt(cluster, 0, "x"), IsAt(cluster, 1, "x")));
        var repeat = await cluster
            .SagasOf(0)
            .StartAsync(ClusterFixture.Start("extra", "x", "request") with { Id = new SagaId("y") }, CancellationToken.None);
        Assert.Equal("x", Assert.IsType<SagaResult.Accepted>(repeat).View.Id.Value);

        var seen = await cluster.SagasOf(0).GetAsync(new SagaKey(new SagaId("x")), CancellationToken.None);
        Assert.Equal((SagaStatus.Running, StepStatus.Succeeded), (seen!.Status, seen.Steps[0].Status));
        Assert.IsType<SagaResult.Accepted>(await ActAsync(cluster, 0, "x", OperatorAction.Pause));
        _gate.Open();
        await cluster.EndAsync("x", Patience);
    }

    [Fact]
    public async Task Start_WhenTheDataIsNotOfTheTypeOfTheOtherSilo_IsRefusedAsHere()
    {
        await using var cluster = await StartAsync([Quick("job")], [Quick("job"), Quick("extra")]);
        async Task<string> RefusedAsync(int silo, string type)
        {
            var refused = Assert.IsType<SagaResult.Refused>(
                await cluster
                    .SagasOf(silo)
                    .StartAsync(ClusterFixture.Start(type, "x") with { Data = Encoding.UTF8.GetBytes("[1]") }, CancellationToken.None)
            );
            return $"{refused.Refusal}: {refused.Detail}";
        }

        var here = await RefusedAsync(1, "extra");
        Assert.StartsWith("InvalidData", here);
        Assert.Equal(here, await RefusedAsync(0, "extra"));
        Assert.StartsWith("UnknownType", await RefusedAsync(0, "nothing"));
        Assert.IsType<SagaResult.Accepted>(await StartAsync(cluster, 0, "extra", "x"));
        await cluster.EndAsync("x", Patience);
    }

    [Fact]
    public async Task Act_WhenTheSagaIsAsleepAndTheCallComesToTheWrongSilo_IsDoneWhereTheDefinitionIs()
    {
        await using var cluster = await StartAsync([Quick("job")], [Quick("job"), Slow("extra")]);
        Assert.IsType<SagaResult.Accepted>(await StartAsync(cluster, 1, "extra", "x"));
        await _gate.Entered;
        Assert.IsType<SagaResult.Accepted>(await ActAsync(cluster, 1, "x", OperatorAction.Pause));
        _gate.Open();
        await BecomesAsync(cluster, "x", SagaStatus.Completed);

        await Wait.UntilAsync(() => cluster.Held() == 0, "no saga in memory");
        var refused = Assert.IsType<SagaResult.Refused>(await ActAsync(cluster, 0, "x", OperatorAction.Cancel));
        Assert.Contains("has ended", refused.Detail);
    }

    [Fact]
    public async Task Kill_WhenTheHolderDies_TheSagaGoesToTheSiloThatHasItsDefinition()
    {
        await using var cluster = await StartAsync([Quick("job")], [Quick("job"), Slow("extra")]);
        await cluster.AddAsync();
        await KnowEachOtherAsync(cluster);
        Assert.IsType<SagaResult.Accepted>(await StartAsync(cluster, 1, "extra", "x"));
        await _gate.Entered;
        var holder = cluster.Silos[IsAt(cluster, 1, "x") ? 1 : 2];
        await cluster.KillAsync(holder);

        Assert.Equal(SagaStatus.Completed, (await cluster.EndAsync("x", Patience)).Status);
        var history = await cluster.Store.ReadHistoryAsync(new SagaKey(new SagaId("x")), 0, 100, CancellationToken.None);
        Assert.Equal(
            ["started", "step-succeeded", "adopted", "attempt-failed", "step-succeeded", "ended"],
            history!.Select(entry => entry.Name)
        );
        Assert.IsType<SagaResult.Accepted>(await StartAsync(cluster, 0, "job", "y"));
        await cluster.EndAsync("y", Patience);
    }

    [Fact]
    public async Task Kill_WhenNobodyElseHasTheDefinition_TheSagaIsHeldUntilASiloBringsIt()
    {
        var extra = Slow("extra");
        await using var cluster = await StartAsync([Quick("job")], [Quick("job"), extra]);
        Assert.IsType<SagaResult.Accepted>(await StartAsync(cluster, 1, "extra", "x"));
        Assert.IsType<SagaResult.Accepted>(await StartAsync(cluster, 0, "extra", "z"));
        await _gate.Entered;
        await cluster.KillAsync(cluster.Silos[1]);
        await BecomesAsync(cluster, "x", SagaStatus.Held);
        Assert.Contains(
            "can only be terminated",
            Assert.IsType<SagaResult.Refused>(await ActAsync(cluster, 0, "x", OperatorAction.Cancel)).Detail
        );
        Assert.IsType<SagaResult.Accepted>(await StartAsync(cluster, 0, "job", "y"));
        await cluster.EndAsync("y", Patience);

        await cluster.AddAsync();
        Assert.Equal(SagaStatus.Completed, (await cluster.EndAsync("x", Patience)).Status);
        Assert.Equal(SagaStatus.Completed, (await cluster.EndAsync("z", Patience)).Status);
    }

    [Fact]
    public async Task Roll_WhenNewSilosBringVersion2AndOldOnesGo_EachSagaKeepsItsOwn()
    {
        var (one, two) = (Slow("job"), Quick("job", version: 2));
        await using var cluster = await StartAsync([one], [one, two]);
        Assert.IsType<SagaResult.Accepted>(await StartAsync(cluster, 0, "job", "old"));
        await _gate.Entered;
        Assert.True(IsAt(cluster, 0, "old"));
        Assert.Equal(1, Assert.IsType<SagaResult.Accepted>(await StartAsync(cluster, 0, "job", "old-door")).View.Version);
        Assert.Equal(2, Assert.IsType<SagaResult.Accepted>(await StartAsync(cluster, 1, "job", "new-door")).View.Version);
        var asked = await cluster.SagasOf(0).StartAsync(ClusterFixture.Start("job", "asked") with { Version = 2 }, CancellationToken.None);
        Assert.Equal(2, Assert.IsType<SagaResult.Accepted>(asked).View.Version);

        _gate.Open();
        await cluster.StopAsync(cluster.Silos[0]);
        foreach (var id in new[] { "old", "old-door", "new-door", "asked" })
            Assert.Equal(SagaStatus.Completed, (await cluster.EndAsync(id, Patience)).Status);
    }
}
