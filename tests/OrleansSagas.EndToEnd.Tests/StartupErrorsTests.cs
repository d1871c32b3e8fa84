using System.Net;
using OrleansSagas.TestKit.Silos.Running;

namespace OrleansSagas.EndToEnd.Tests;

/// <summary>When the silo does not start, and whom it lets in.</summary>
public sealed class StartupErrorsTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Start_OnDataThatAnotherSiloHolds_IsRefused()
    {
        using var first = new SiloPlace();
        await using var silo = await SiloProcess.StartReadyAsync(first);
        using var second = new SiloPlace { Arguments = ["--Sagas:Store:Path", Path.Combine(first.Directory, "sagas.db")] };
        await using var intruder = SiloProcess.Start(second);

        Assert.Equal(1, await intruder.ExitAsync(Bound));
        AssertSaidOnce(second, "is held by another engine");
        var view = await first.Client().StartAndWaitAsync("order", SampleOrders.Order(), timeout: SagaWaiting.Patience);
        Assert.Equal(SagaStatus.Completed, view.Status);
    }

    [Fact]
    public async Task Start_OnAPortThatIsTaken_IsRefused()
    {
        using var first = new SiloPlace();
        await using var silo = await SiloProcess.StartReadyAsync(first);
        using var second = new SiloPlace { Arguments = ["--urls", first.Address.ToString()] };
        await using var intruder = SiloProcess.Start(second);

        Assert.Equal(1, await intruder.ExitAsync(Bound));
        AssertSaidOnce(second, "address already in use");
    }

    [Fact]
    public async Task Start_OpenToTheWorldWithoutKeys_IsRefused()
    {
        using var place = new SiloPlace { Arguments = ["--urls", "http://0.0.0.0:18080"] };
        await using var silo = SiloProcess.Start(place);

        Assert.Equal(1, await silo.ExitAsync(Bound));
        AssertSaidOnce(place, "Access:ApiKeys names nobody");
    }

    /// <summary>Settings of the section Orleans, as Aspire gives them, that do not fit this silo.</summary>
    [Theory]
    [InlineData(
        "Redis",
        "sagas",
        "Host=127.0.0.1;Port=1",
        "Could not find Clustering provider named 'Redis'",
        "the ProviderType is PostgresDatabase"
    )]
    [InlineData(
        "ConnectionStringParameter",
        "sagas",
        "Host=127.0.0.1;Port=1",
        "Known Clustering providers: AdoNet, Development, PostgresDatabase",
        "leave the section out"
    )]
    [InlineData(
        "PostgresDatabase",
        "",
        "Host=127.0.0.1;Port=1",
        "Orleans:Clustering:ServiceKey is not set",
        "Set it to the name of a connection string"
    )]
    [InlineData(
        "PostgresDatabase",
        "orders",
        "Host=127.0.0.1;Port=1",
        "Orleans:Clustering:ServiceKey is orders",
        "ConnectionStrings:orders is not set"
    )]
    [InlineData("Development", "", "", "ConnectionStrings:Sagas is not set", "call the database sagas")]
    public async Task Start_OnSettingsOfOrleansThatDoNotFit_IsRefusedWithWhatToDo(
        string provider,
        string key,
        string connection,
        string why,
        string whatToDo
    )
    {
        using var place = new SiloPlace
        {
            Variables = new Dictionary<string, string>
            {
                ["Orleans__Clustering__ProviderType"] = provider,
                ["Orleans__Clustering__ServiceKey"] = key,
                ["ConnectionStrings__sagas"] = connection,
            },
        };
        await using var silo = SiloProcess.Start(place);

        Assert.Equal(1, await silo.ExitAsync(Bound));
        AssertSaidOnce(place, why);
        AssertSaidOnce(place, whatToDo);
    }

    [Fact]
    public async Task Keys_LetInWhoHasOne_AndNameThemInHistories()
    {
        using var place = new SiloPlace { ApiKey = Key, Arguments = ["--Access:ApiKeys:0:Name", "billing", "--Access:ApiKeys:0:Key", Key] };
        await using var silo = await SiloProcess.StartReadyAsync(place);

        var saga = await place.Client().StartAsync("order", SampleOrders.Order());
        await saga.EndsAsync(SagaStatus.Completed);
        Assert.Equal("billing", (await saga.HistoryAsync().ToListAsync())[0].Actor);

        foreach (var wrong in (string?[])[null, "", Key + "x", Key[1..], Key.ToUpperInvariant()])
        {
            var stranger = place.Client(options => options.ApiKey = string.IsNullOrEmpty(wrong) ? null : wrong);
            var refused = await Assert.ThrowsAsync<SagaUnauthorizedException>(() => stranger.Get(saga.Id).GetAsync());
            Assert.Equal((HttpStatusCode.Unauthorized, SagaProblems.Unauthorized), (refused.Status, refused.ProblemType));
            await Assert.ThrowsAsync<SagaUnauthorizedException>(() => stranger.StartAsync("order", SampleOrders.Order()));
        }

        using var http = place.Http();
        http.DefaultRequestHeaders.Authorization = null;
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("health/live", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(new Uri("shop/books", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.PostAsync(new Uri("shop/repair", UriKind.Relative), null)).StatusCode);
    }

    /// <summary>The reason stands in one line, the last one, and nothing else says that something went wrong.</summary>
    private static void AssertSaidOnce(SiloPlace place, string why)
    {
        var lines = File.ReadAllLines(place.LogFile);
        var reason = Assert.Single(lines, line => line.StartsWith("The silo stopped: ", StringComparison.Ordinal));
        Assert.Contains(why, reason, StringComparison.Ordinal);
        Assert.Equal(reason, lines[^1]);
        Assert.DoesNotContain(lines, line => line.Contains("   at ", StringComparison.Ordinal));
        foreach (var level in (string[])[" warn: ", " fail: ", " crit: "])
            Assert.DoesNotContain(lines, line => line.Contains(level, StringComparison.Ordinal));
    }
}
