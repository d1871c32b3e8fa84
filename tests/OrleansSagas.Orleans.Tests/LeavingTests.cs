using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansSagas.Decisions;
using OrleansSagas.Engine.Tests;
using OrleansSagas.Execution;
using OrleansSagas.Orleans;
using OrleansSagas.Orleans.Messages;
using OrleansSagas.Orleans.Placement;
using OrleansSagas.Payloads;
using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Orleans.Tests;

/// <summary>A silo that stops is asked for nothing new, and nobody elsewhere is refused for it.</summary>
public sealed class LeavingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static SagaDefinition Quick(string type = "job") =>
        Jobs.Define(type).Step("a", step => step.Do((_, _) => Task.CompletedTask)).Build();

    private static SagaKey Key(string id) => new(new SagaId(id));

    [Fact]
    public async Task Drain_WhileOthersStartAndAct_RefusesNobodyElsewhereAndTakesUpNothing()
    {
        var (gate, quick) = (new Gate(), Quick("quick"));
        var slow = Jobs.Define().Step("a", step => step.Do((_, _) => gate.PassAsync())).Build();
        var again = Jobs.Define("again")
            .Step(
                "a",
                step =>
                    step.Retry(new RetryPolicy { MaxAttempts = 2, Delay = TimeSpan.FromSeconds(4) })
                        .Do((_, context) => context.Attempt == 1 ? throw new InvalidOperationException("not yet") : Task.CompletedTask)
            )
            .Build();
        await using var cluster = await new ClusterFixture(slow, quick, again)
        {
            Options = options => options.IdleAfter = TimeSpan.FromSeconds(1),
        }.StartAsync(2);
        var leaving = cluster.Of<SagaProcesses>(1);
        AssertAccepted(await cluster.SagasOf(1).StartAsync(ClusterFixture.Start("job", "slow"), CancellationToken.None));
        for (var i = 0; i < 10; i++)
            AssertAccepted(await cluster.SagasOf(1).StartAsync(ClusterFixture.Start("again", $"again{i}"), CancellationToken.None));
        await gate.Entered;

        leaving.BeginDraining();
        await Wait.UntilAsync(() => leaving.ActiveSagas == 1, "those that wait to be let go of");
        for (var i = 0; i < 50; i++)
        {
            // As where the silo of the caller had not heard of it yet.
            if (i % 5 == 0)
                Assert.Equal(Address(cluster, 1), Assert.IsType<CommandResult.Moved>(await AskAtAsync(cluster, 1, quick, $"q{i}")).Leaving);
            AssertAccepted(
                await cluster.SagasOf(0).StartAsync(ClusterFixture.Start("quick", $"q{i}", $"request{i}"), CancellationToken.None)
            );
            Assert.Equal(1, leaving.ActiveSagas);
        }

        // What the silo still holds is reached there; what was due is woken at the other.
        AssertAccepted(
            await cluster
                .SagasOf(0)
                .ActAsync(new OperatorCommand { Saga = Key("slow"), Verb = OperatorAction.Pause }, CancellationToken.None)
        );
        Assert.True(leaving.Holds(Key("slow")));
        for (var i = 0; i < 10; i++)
            await cluster.EndAsync($"again{i}", Patience);
        Assert.Equal(1, leaving.ActiveSagas);
        gate.Open();
        await cluster.EndAsync("slow", Patience);
        await Wait.UntilAsync(() => leaving.ActiveSagas == 0, "the silo to hold nothing");
    }

    [Fact]
    public async Task Drain_WhenItBegins_TheOthersKnowAtOnceAndSchedulersStay()
    {
        await using var cluster = await new ClusterFixture(Quick()) { Cluster = options => options.Partitions = 16 }.StartAsync(2);
        var (silos, leaving) = (cluster.Of<ClusterSilos>(0), SiloAddress.FromParsableString(Address(cluster, 1)));
        await Wait.UntilAsync(() => silos.RoomAt(leaving) > 0, "the silo to have said how much room it has");
        Assert.True(silos.IsOpen(leaving) && silos.HasOther);

        cluster.Of<SagaProcesses>(1).BeginDraining();

        await Wait.UntilAsync(() => !silos.IsOpen(leaving), "the other silo to know that it leaves");
        Assert.Equal((0, false), (silos.RoomAt(leaving), silos.HasOther));
        var began = Environment.TickCount64;
        while (await SchedulersAsync() is var all && (all.Length < 16 || all.Any(silo => silo.Equals(leaving))))
        {
            Assert.True(
                Environment.TickCount64 - began < Patience.TotalMilliseconds,
                $"Waited {Patience} for 16 schedulers at the silo that stays; they are at {string.Join(", ", all)}."
            );
            await Task.Delay(100);
        }

        async Task<SiloAddress[]> SchedulersAsync() =>
            [
                .. (await cluster.Client.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics())
                    .Where(grain => grain.GrainId.Type.ToString() == "sagas.scheduler")
                    .Select(grain => grain.SiloAddress),
            ];
    }

    [Fact]
    public async Task Drain_WhenACallThatNobodyRepeatsIsSentOn_LeavesNothingInMemory()
    {
        await using var cluster = await new ClusterFixture(Quick()).StartAsync(2);
        cluster.Of<SagaProcesses>(1).BeginDraining();
        Task<bool?> waking;
        using (ClusterSilos.Towards(SiloAddress.FromParsableString(Address(cluster, 1))))
            waking = cluster.Of<IGrainFactory>(0).Saga(Key("nobody")).WakeAsync();
        Assert.False(await waking);

        // It is sent on, and goes there.
        var began = Environment.TickCount64;
        await Wait.UntilAsync(() => cluster.Held() == 0 && Environment.TickCount64 - began > 1_000, "nothing in memory");
    }

    [Fact]
    public async Task Drain_WhenThereIsNoOtherSilo_IsHeldHereAllTheSame()
    {
        await using var cluster = await new ClusterFixture(Quick()).StartAsync(1);
        cluster.Of<SagaProcesses>(0).BeginDraining();
        Assert.IsType<CommandResult.Taken>(await AskAtAsync(cluster, 0, Quick(), "alone"));
    }

    [Fact]
    public async Task Deactivate_WhenTheStepNeverReturns_DoesNotWaitForIt()
    {
        var (never, gate, calls) = (new Gate(), new Gate(), 0);
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Do((_, _) => Interlocked.Increment(ref calls) == 1 ? never.PassAsync(CancellationToken.None) : gate.PassAsync())
            )
            .Build();
        await using var cluster = await new ClusterFixture(saga).StartAsync(2);
        AssertAccepted(await cluster.SagasOf(0).StartAsync(ClusterFixture.Start("job", "stays"), CancellationToken.None));
        await never.Entered;

        await cluster.DeactivateAsync(Key("stays")).WaitAsync(TimeSpan.FromSeconds(5));

        await gate.Entered;
        gate.Open();
        Assert.Equal(SagaStatus.Completed, (await cluster.EndAsync("stays", Patience)).Status);
        var history = await cluster.Store.ReadHistoryAsync(Key("stays"), 0, 100, CancellationToken.None);
        Assert.Equal(["started", "step-interrupted", "adopted", "step-succeeded", "ended"], history!.Select(entry => entry.Name));
        never.Open();
    }

    [Theory]
    [InlineData(15, null, 30)]
    [InlineData(60, null, 75)]
    [InlineData(15, 25, 25)]
    [InlineData(15, 20, null)]
    public void StopTimeout_DerivesTheTimeOfTheHost_OrIsRefusedInWords(int stop, int? host, int? becomes)
    {
        var builder = Host.CreateApplicationBuilder();
        if (host is { } given)
            builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(given));
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering().UseInMemoryReminderService();
            silo.AddSagas(sagas =>
            {
                sagas.Add(Quick());
                sagas.Configure(options => options.StopTimeout = TimeSpan.FromSeconds(stop));
            });
        });
        if (becomes is { } seconds)
        {
            using var made = builder.Build();
            Assert.Equal(TimeSpan.FromSeconds(seconds), made.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
            return;
        }

        var refused = Assert.Throws<OptionsValidationException>(builder.Build);
        Assert.Contains("HostOptions.ShutdownTimeout is 00:00:20", refused.Message, StringComparison.Ordinal);
        Assert.Contains("set it to 00:00:21 or more, or lower StopTimeout", refused.Message, StringComparison.Ordinal);
    }

    private static void AssertAccepted(SagaResult answer) =>
        Assert.True(answer is SagaResult.Accepted, (answer as SagaResult.Refused)?.Detail);

    private static string Address(ClusterFixture cluster, int silo) => cluster.Silos[silo].SiloAddress.ToParsableString();

    /// <summary>A start that is placed at a silo by a hint, past the dispatcher.</summary>
    private static async Task<CommandResult> AskAtAsync(ClusterFixture cluster, int silo, SagaDefinition saga, string id)
    {
        var data = JsonSerializer.SerializeToUtf8Bytes(new Job(id), JsonSerializerOptions.Web);
        var call = new CommandEnvelope
        {
            Input = new SagaCommand.Start(Key(id), new IdentityPayloadCodec().Encode(data, Payload.Json), null),
            Plan = saga.Plan.Identity,
        };
        ValueTask<ReplyEnvelope?> asking;
        using (ClusterSilos.Towards(SiloAddress.FromParsableString(Address(cluster, silo))))
            asking = cluster.Of<IGrainFactory>(0).Saga(Key(id)).SendAsync(new SagaEnvelope(call));
        return (await asking)!.Reply;
    }
}
