using System.Diagnostics;
using System.Net;
using OrleansSagas.TestKit;
using OrleansSagas.TestKit.Silos.Running;

namespace OrleansSagas.EndToEnd.Tests;

/// <summary>The silo on PostgreSQL, where the server dies, and where the silo does.</summary>
[Collection(nameof(RunsAlone))]
public sealed class PostgreSqlTests : IAsyncLifetime
{
    private const string NobodysPassword = "correct-horse-battery";
    private const string Key = "0123456789abcdef0123456789abcdef";

    private ThrowawayPostgres? _server;

    private string[] Arguments => ["--ConnectionStrings:Sagas", $"{_server!.ConnectionString};Password={NobodysPassword}"];

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(ThrowawayPostgres.Obstacle is not null, ThrowawayPostgres.Obstacle ?? "");
        _server = await ThrowawayPostgres.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Fact]
    public async Task Kill_OfASiloInTheMiddle_ItsSuccessorStartsAtOnceAndGoesOn()
    {
        using var place = new SiloPlace { Arguments = Arguments };
        var silo = await SiloProcess.StartReadyAsync(place);
        try
        {
            var saga = await place.Client().StartAsync("order", SampleOrders.Slow(0.5));
            await saga.UntilAsync(view => view.Steps[0].Status == StepStatus.Succeeded, "at its second step");
            await silo.KillAsync();
            await silo.DisposeAsync();
            silo = await SiloProcess.StartReadyAsync(place);

            await saga.EndsAsync(SagaStatus.Completed);
            Assert.Contains(await saga.HistoryAsync().ToListAsync(), entry => entry.Event == "adopted");
            Assert.False(
                File.Exists(Path.Combine(place.Directory, "sagas.db")),
                "The silo was told to use PostgreSQL, and has made a SQLite file."
            );
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    /// <summary>
    /// How long it takes until all goes on (docs/orleans.md): a silo that comes back at its old address replaces the one that it was, and
    /// one at a new address must wait until that one is declared dead.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Kill_OfALoneSilo_ItsSuccessorGoesOnInTime(bool isAtTheSameAddress)
    {
        using var place = new SiloPlace { Arguments = Arguments };
        using var other = new SiloPlace { Arguments = Arguments, Data = place.Directory };
        var silo = await SiloProcess.StartReadyAsync(place);
        try
        {
            var orders = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => place.Client().StartAsync("order", SampleOrders.Slow(1))));
            foreach (var order in orders)
                await order.UntilAsync(view => view.Steps[0].Status == StepStatus.Succeeded, "at its second step");
            var clock = Stopwatch.StartNew();
            await silo.KillAsync();
            await silo.DisposeAsync();
            var next = isAtTheSameAddress ? place : other;
            silo = await SiloProcess.StartReadyAsync(next);

            var ready = clock.Elapsed;
            foreach (var order in orders)
                await next.Client().Get(order.Id).UntilAsync(view => view.Revision > 2, "taken over");
            var wentOn = clock.Elapsed;
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"Ready {ready.TotalSeconds:0.0} s after the kill, all had gone on after {wentOn.TotalSeconds:0.0} s."
            );
            if (isAtTheSameAddress)
                Assert.True(
                    wentOn - ready <= TimeSpan.FromSeconds(2),
                    $"Within two seconds of being ready all was to go on; it took {wentOn - ready}. {next.LogTail()}"
                );
            Assert.True(
                wentOn <= TimeSpan.FromSeconds(20),
                $"Within 20 s of the kill all was to go on; it took {wentOn}, and {ready} until the silo was ready. {next.LogTail()}"
            );
            foreach (var order in orders)
                await next.Client().Get(order.Id).EndsAsync(SagaStatus.Completed);
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    [Fact]
    public async Task Restart_OfTheServerUnderOrders_EndsThemAllAndConservesTheBooks()
    {
        using var place = new SiloPlace
        {
            ApiKey = Key,
            Arguments = [.. Arguments, "--Access:ApiKeys:0:Name", "shop", "--Access:ApiKeys:0:Key", Key],
        };
        await using var silo = await SiloProcess.StartReadyAsync(place);
        var client = place.Client(options => options.MaxRetryDelay = TimeSpan.FromMilliseconds(300));
        var orders = Enumerable
            .Range(0, 30)
            .Select(_ =>
                Task.Run(async () => await (await client.StartAsync("order", SampleOrders.Slow(0.3))).WaitAsync(SagaWaiting.Patience))
            )
            .ToArray();
        for (var i = 0; i < 3; i++)
        {
            await Task.Delay(300); // the orders take 1.2 s: each stop comes into the middle of them
            await (i == 1 ? _server!.KillAsync() : _server!.StopImmediatelyAsync());
            if (i == 2)
                await AwayIsSaidAsync(place);
            await _server!.StartAsync();
        }

        foreach (var view in await Task.WhenAll(orders))
            Assert.Equal(SagaStatus.Completed, view.Status);
        await silo.ReadyAsync();
        using var http = place.Http();
        Assert.Contains("\"conserved\":true", await http.GetStringAsync(new Uri("shop/books", UriKind.Relative)), StringComparison.Ordinal);
        Assert.DoesNotContain(NobodysPassword, await File.ReadAllTextAsync(place.LogFile), StringComparison.Ordinal);
    }

    private static async Task AwayIsSaidAsync(SiloPlace place)
    {
        using var http = place.Http();
        for (var i = 0; i < 500; i++)
        {
            using var answer = await http.GetAsync(new Uri("health/ready", UriKind.Relative));
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                Assert.Contains("127.0.0.1", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);

                // A probe without a key is told that it is so, and not why.
                http.DefaultRequestHeaders.Authorization = null;
                using var toStrangers = await http.GetAsync(new Uri("health/ready", UriKind.Relative));
                Assert.Equal(HttpStatusCode.ServiceUnavailable, toStrangers.StatusCode);
                Assert.DoesNotContain("127.0.0.1", await toStrangers.Content.ReadAsStringAsync(), StringComparison.Ordinal);
                return;
            }

            await Task.Delay(20);
        }

        throw new TimeoutException("Waited 10 s for the silo to say that its server is away.");
    }
}
