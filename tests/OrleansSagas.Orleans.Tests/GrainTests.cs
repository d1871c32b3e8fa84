using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;
using OrleansSagas.Engine.Tests;
using OrleansSagas.Orleans;
using OrleansSagas.Orleans.Client;
using OrleansSagas.Orleans.Testing;
using OrleansSagas.TestKit;
using Trips;

namespace OrleansSagas.Orleans.Tests;

/// <summary>Steps that call grains, grains that start sagas, and clients in another process: with what a user has, no more.</summary>
public sealed class GrainTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static async Task<InProcessTestCluster> StartAsync(Action<InProcessTestClusterBuilder>? more = null, short silos = 2)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) => silo.AddMemoryGrainStorageAsDefault());
        builder.AddSagas(sagas => sagas.Add(TripSaga.Definition));
        more?.Invoke(builder);
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    [Fact]
    public async Task Step_WhenItCallsGrains_BooksBothOrNone()
    {
        await using var cluster = await StartAsync();
        var client = cluster.Client.ServiceProvider.GetRequiredService<ISagaClient>();
        foreach (var traveller in new[] { "anna", "boris" })
            Assert.Equal(
                SagaStatus.Completed,
                (await client.StartAndWaitAsync("trip", new Trip(traveller, traveller, "Savoy"), timeout: Patience)).Status
            );

        var third = await client.StartAndWaitAsync("trip", new Trip("clara", "Ritz", "Savoy"), timeout: Patience);

        Assert.Equal(SagaStatus.Compensated, third.Status);
        Assert.Equal("The hotel Savoy is full.", third.Error?.Message);
        Assert.Equal(StepStatus.Rejected, third.Steps[1].Status);
        Assert.Equal(["anna", "boris"], await cluster.Client.GetGrain<IHotelGrain>("Savoy").GuestsAsync());
        Assert.Empty(await cluster.Client.GetGrain<IHotelGrain>("Ritz").GuestsAsync());
    }

    [Fact]
    public async Task Grain_WhenItStartsASagaAndWaits_GetsItsEnd()
    {
        await using var cluster = await StartAsync();
        var anna = cluster.Client.GetGrain<ITravellerGrain>("anna");
        Assert.Equal("booked", await anna.TravelAsync(1, "Ritz", "Savoy"));
        Assert.Equal("booked", await anna.TravelAsync(1, "Ritz", "Savoy"));
        Assert.Equal(["anna"], await cluster.Client.GetGrain<IHotelGrain>("Savoy").GuestsAsync());
    }

    [Fact]
    public async Task Grain_WhenItUsesTheWholeApi_NeverLeavesItsScheduler()
    {
        var gate = new Gate();
        await using var cluster = await StartAsync(builder => builder.AddSagas(sagas => sagas.Add(Gated(gate))));
        var clerk = cluster.Client.GetGrain<IClerkGrain>(0);
        var watching = clerk.WorkAsync("job-1");
        await gate.Entered;
        await foreach (var entry in cluster.Client.Sagas().Get(new SagaId("job-1")).WatchAsync())
        {
            if (entry.Event == "resumed")
                gate.Open();
        }

        Assert.Equal(["started", "step-succeeded", "ended"], await watching.WaitAsync(Patience));
    }

    [Fact]
    public async Task Headers_WhenAStepCallsAGrain_AreItsRequestContextAndNobodyElses()
    {
        await using var cluster = await StartAsync(builder => builder.AddSagas(sagas => sagas.Add(Asking("tenant"))));
        var client = cluster.Client.ServiceProvider.GetRequiredService<ISagaClient>();
        RequestContext.Set("tenant", "the caller's own");
        var views = await Task.WhenAll(
            Enumerable
                .Range(0, 40)
                .Select(async number =>
                {
                    var options =
                        number % 4 == 0
                            ? null
                            : new StartOptions { Headers = new Dictionary<string, string> { ["tenant"] = $"t{number}" } };
                    return await client.StartAndWaitAsync("asking", new Job(), options, timeout: Patience);
                })
        );
        Assert.Equal(
            Enumerable.Range(0, 40).Select(number => number % 4 == 0 ? "nobody" : $"t{number}"),
            views.Select(view => view.Data!.Value.As<Job>()!.Name)
        );
    }

    [Fact]
    public async Task Exception_WhenAGrainLetsItOut_ComesAsItIs()
    {
        await using var cluster = await StartAsync(silos: 1);
        var clerk = cluster.Client.GetGrain<IClerkGrain>(0);
        var missing = await Assert.ThrowsAsync<SagaNotFoundException>(() => clerk.FindAsync("nobody"));
        Assert.StartsWith("Could not get saga 'nobody'", missing.Message, StringComparison.Ordinal);
        Assert.Equal("No.", (await Assert.ThrowsAsync<StepRejectedException>(clerk.RejectAsync)).Message);
    }

    [Fact]
    public async Task Cancel_WhenTheCallerNoLongerWaits_TakesNothingBack()
    {
        var gate = new Gate();
        await using var cluster = await StartAsync(builder => builder.AddSagas(sagas => sagas.Add(Gated(gate))), silos: 1);
        var client = cluster.Client.Sagas();
        using var impatient = new CancellationTokenSource();
        var waiting = client.StartAndWaitAsync(
            "job",
            new Job(),
            new StartOptions { Id = new SagaId("job-2") },
            cancellationToken: impatient.Token
        );
        await gate.Entered;
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience));
        gate.Open();
        Assert.Equal(SagaStatus.Completed, (await client.Get(new SagaId("job-2")).WaitAsync(Patience)).Status);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            client.StartAsync("job", new Job(), new StartOptions { Id = new SagaId("job-3") }, impatient.Token)
        );
        await Assert.ThrowsAsync<SagaNotFoundException>(() => client.Get(new SagaId("job-3")).GetAsync());
    }

    [Fact]
    public async Task Hold_WhenResponsesMustComeSoon_IsAThirdOfThat()
    {
        var gate = new Gate();
        await using var cluster = await StartAsync(
            builder =>
            {
                builder.AddSagas(sagas => sagas.Add(Gated(gate)));
                builder.ConfigureSilo(
                    (_, silo) => silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(3))
                );
                builder.ConfigureClient(client =>
                    client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(6))
                );
            },
            silos: 1
        );
        Assert.Equal(TimeSpan.FromSeconds(1), CallTimes.Of(cluster.Silos[0].ServiceProvider).LongestHold);
        Assert.Equal(TimeSpan.FromSeconds(2), CallTimes.Of(cluster.Client.ServiceProvider).LongestHold);

        // What is asked of the grain itself is held no longer than the silo's own third.
        var grain = cluster.Client.GetGrain<ISagaClientGrain>(0);
        var saga = await cluster.Client.Sagas().StartAsync("job", new Job());
        var held = await grain.GetAsync(saga.Id.Value, TimeSpan.FromMinutes(10), CancellationToken.None);
        Assert.Null(held.Problem);
        var next = await grain.NextAsync(saga.Id.Value, 1, TimeSpan.FromMinutes(10), CancellationToken.None);
        Assert.Equal((null, false), (next.Problem, next.IsLast));

        // And a wait that is longer than a call goes on with the next one.
        var waiting = saga.WaitAsync(Patience);
        await Task.WhenAny(waiting, Task.Delay(TimeSpan.FromSeconds(3)));
        Assert.False(waiting.IsCompleted);
        gate.Open();
        Assert.Equal(SagaStatus.Completed, (await waiting).Status);
    }

    [Fact]
    public async Task Sample_WhenItIsRun_BooksWhatThereIsRoomFor()
    {
        using var folder = new TempFolder();
        var said = new StringWriter();
        var console = Console.Out;
        Console.SetOut(TextWriter.Synchronized(said));
        try
        {
            string[] args =
            [
                $"--SiloPort={LoopbackPort.Free()}",
                $"--GatewayPort={LoopbackPort.Free()}",
                $"--Store={folder.File("trips.db")}",
                "--Logging:LogLevel:Default=None",
            ];
            await (Task)
                typeof(TripSaga)
                    .Assembly.GetType("Program", throwOnError: true)!
                    .GetMethod("<Main>$", System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!
                    .Invoke(null, [args])!;
        }
        finally
        {
            Console.SetOut(console);
        }

        Assert.Equal(
            [
                "anna: booked",
                "boris: booked",
                "clara: Compensated: The hotel Savoy is full.",
                "dora: 1 started",
                "dora: 2 step-succeeded",
                "dora: 3 step-succeeded",
                "dora: 4 ended",
            ],
            said.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        );
    }

    /// <summary>Writes down what a grain that its step calls finds in its request context.</summary>
    private static SagaDefinition Asking(string name) =>
        Jobs.Define("asking")
            .Step(
                "a",
                step =>
                    step.Do(
                        async (IGrainFactory grains, Job _, StepContext _) => await grains.GetGrain<IClerkGrain>(0).ContextAsync(name),
                        (job, found) => job with { Name = found }
                    )
            )
            .Build();

    private static SagaDefinition Gated(Gate gate) =>
        Jobs.Define().Step("a", step => step.Do((_, context) => gate.PassAsync(context.Cancellation))).Build();
}

internal interface IClerkGrain : IGrainWithIntegerKey
{
    Task<string[]> WorkAsync(string saga);

    Task FindAsync(string saga);

    Task RejectAsync();

    Task<string> ContextAsync(string name);
}

internal sealed class ClerkGrain : Grain, IClerkGrain
{
    public Task FindAsync(string saga) => GrainFactory.Sagas().Get(new SagaId(saga)).GetAsync();

    public Task<string> ContextAsync(string name) => Task.FromResult(RequestContext.Get(name) as string ?? "nobody");

    public Task RejectAsync() => throw new StepRejectedException("No.");

    public async Task<string[]> WorkAsync(string saga)
    {
        var mine = TaskScheduler.Current;
        var sagas = GrainFactory.Sagas();
        var handle = await sagas.StartAsync("job", new Job(), new StartOptions { Id = new SagaId(saga) });
        Stay("start");
        _ = await handle.GetAsync();
        Stay("get");
        try
        {
            await handle.WaitAsync(TimeSpan.FromMilliseconds(50));
        }
        catch (SagaWaitTimeoutException)
        {
            Stay("wait");
        }

        await handle.PauseAsync("a break", "clerk");
        Stay("pause");
        await handle.ResumeAsync("work", "clerk");
        Stay("resume");
        await foreach (var _ in sagas.ListAsync(new SagaFilter { Type = "job" }))
            Stay("list");
        var events = new List<string>();
        await foreach (var entry in handle.WatchAsync())
        {
            Stay("watch");
            events.Add(entry.Event);
        }

        await foreach (var _ in handle.HistoryAsync())
            Stay("history");
        return [.. events.Where(name => name is "started" or "step-succeeded" or "ended")];

        void Stay(string after)
        {
            if (!ReferenceEquals(mine, TaskScheduler.Current) || ReferenceEquals(mine, TaskScheduler.Default))
                throw new InvalidOperationException($"After {after} the grain was no longer on its scheduler.");
        }
    }
}
