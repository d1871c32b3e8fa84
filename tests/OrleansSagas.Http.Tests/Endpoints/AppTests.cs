using System.Net;
using System.Text;
using System.Text.Json;

namespace OrleansSagas.Http.Tests.Endpoints;

public sealed class AppTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Health_WhenServing_IsOk(string path) => Assert.Equal(HttpStatusCode.OK, (await silo.GetAsync(path)).StatusCode);

    [Fact]
    public async Task OpenApi_ListsEveryRouteWithItsParameters()
    {
        var document = JsonDocument.Parse(await (await silo.GetAsync("/openapi/v1.json")).Content.ReadAsStringAsync()).RootElement;
        var operations = document
            .GetProperty("paths")
            .EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name} {path.Name}"))
            .ToList();
        string[] expected =
        [
            "post /sagas/{type}",
            "get /sagas",
            "get /sagas/{id}",
            "get /sagas/{id}/history",
            "get /sagas/{id}/events",
            .. VerbTests.Verbs.Select(verb => $"post /sagas/{{id}}/{verb.Data}"),
            "get /health/live",
            "get /health/ready",
        ];
        Assert.Empty(expected.Except(operations));

        var start = document.GetProperty("paths").GetProperty("/sagas/{type}").GetProperty("post");
        var parameters = start
            .GetProperty("parameters")
            .EnumerateArray()
            .Select(one => $"{one.GetProperty("in").GetString()} {one.GetProperty("name").GetString()}");
        Assert.Equal(
            [
                "path type",
                "query id",
                "query version",
                "header Idempotency-Key",
                "header Correlation-Id",
                "header Saga-Headers",
                "header Prefer",
            ],
            parameters
        );
        Assert.Equal(
            "#/components/schemas/SagaData",
            start
                .GetProperty("requestBody")
                .GetProperty("content")
                .GetProperty("application/json")
                .GetProperty("schema")
                .GetProperty("$ref")
                .GetString()
        );
        Assert.Equal(["SagaId", "string"], SchemasOf("/sagas/{id}", "get"));
        Assert.Equal(["string", "SagaId", "integer", "string", "string", "string", "string"], SchemasOf("/sagas/{type}", "post"));

        IEnumerable<string> SchemasOf(string path, string method) =>
            document
                .GetProperty("paths")
                .GetProperty(path)
                .GetProperty(method)
                .GetProperty("parameters")
                .EnumerateArray()
                .Select(one => one.GetProperty("schema"))
                .Select(schema =>
                    schema.TryGetProperty("$ref", out var named) ? named.GetString()!.Split('/')[^1]
                    : schema.GetProperty("type") is { ValueKind: JsonValueKind.Array } types ? types[0].GetString()!
                    : schema.GetProperty("type").GetString()!
                );
    }

    [Theory]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("POST", "/sagas/any/dance", 404)]
    [InlineData("DELETE", "/sagas/any", 405)]
    [InlineData("PUT", "/sagas", 405)]
    [InlineData("POST", "/sagas/any/history", 405)]
    public async Task Request_WhenNoRouteFits_IsAProblem(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        await ProblemAssert.IsAsync(await silo.Client.SendAsync(request), (HttpStatusCode)status, ProblemAssert.Blank);
    }

    [Fact]
    public async Task Request_WhenTheHostIsAnother_IsMisdirected() =>
        await ProblemAssert.IsAsync(
            await silo.GetAsync("/sagas", ("Host", "evil.example")),
            HttpStatusCode.MisdirectedRequest,
            SagaProblems.InvalidRequest
        );

    [Fact]
    public async Task Key_WhenTheSiloWasRestarted_StillNamesItsSaga()
    {
        var own = new SiloFixture();
        await own.InitializeAsync();
        try
        {
            var first = await SiloFixture.ViewAsync(await own.StartAsync(key: "k", prefer: "wait=20"));
            await own.RestartAsync();
            using var again = await own.StartAsync(key: "\"k\"", prefer: "wait=20");
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
            Assert.Equal(first.Id, (await SiloFixture.ViewAsync(again)).Id);
            await ProblemAssert.IsAsync(
                await own.StartAsync(key: "k", customer: "bob"),
                HttpStatusCode.UnprocessableEntity,
                SagaProblems.KeyReused
            );
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [Fact]
    public async Task Access_WithKeys_NeedsOne_AndItsNameIsTheActor()
    {
        const string secret = "0123456789abcdef0123456789abcdef";
        var own = new SiloFixture("--Access:ApiKeys:0:Name", "ops", "--Access:ApiKeys:0:Key", secret);
        await own.InitializeAsync();
        try
        {
            Assert.Equal(HttpStatusCode.OK, (await own.GetAsync("/health/live")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await own.GetAsync("/health/ready")).StatusCode);
            foreach (var path in new[] { "/sagas", "/openapi/v1.json", "/shop/books", "/nothing" })
            {
                using var response = await own.GetAsync(path);
                await ProblemAssert.IsAsync(response, HttpStatusCode.Unauthorized, SagaProblems.Unauthorized);
                Assert.Equal("Bearer", Assert.Single(response.Headers.WwwAuthenticate).Scheme);
            }
            await ProblemAssert.IsAsync(
                await own.GetAsync("/sagas", ("Authorization", "Bearer nonsense")),
                HttpStatusCode.Unauthorized,
                SagaProblems.Unauthorized
            );

            own.Client.DefaultRequestHeaders.Authorization = new("Bearer", secret);
            var view = await SiloFixture.ViewAsync(await own.StartAsync(behaviour: SiloFixture.Slow));
            using var cancelled = await own.PostAsync($"/sagas/{view.Id}/terminate", """{"actor":"someone else"}""");
            var history = await (await own.GetAsync($"/sagas/{view.Id}/history")).Content.ReadAsStringAsync();
            Assert.Contains("\"actor\":\"ops\"", history, StringComparison.Ordinal);
            Assert.DoesNotContain("someone else", history, StringComparison.Ordinal);
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [Fact]
    public async Task Ready_WhenADefinitionHasAnotherShape_IsNot_AndSaysWhyToThoseWhoMayCall()
    {
        const string secret = "0123456789abcdef0123456789abcdef";
        var own = new SiloFixture("--Access:ApiKeys:0:Name", "ops", "--Access:ApiKeys:0:Key", secret);
        await own.InitializeAsync();
        try
        {
            own.Client.DefaultRequestHeaders.Authorization = new("Bearer", secret);
            _ = await SiloFixture.ViewAsync(await own.StartAsync(behaviour: SiloFixture.Slow));
            await own.RestartReshapedAsync();
            var blank = await (await own.GetAsync("/health/ready")).Content.ReadAsStringAsync();
            Assert.DoesNotContain("'order'", blank, StringComparison.Ordinal);

            own.Client.DefaultRequestHeaders.Authorization = new("Bearer", secret);
            using var ready = await own.GetAsync("/health/ready");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            Assert.Contains("Not served here: version 1 of 'order'.", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await own.GetAsync("/health/live")).StatusCode);
            await ProblemAssert.IsAsync(await own.StartAsync(), HttpStatusCode.NotFound, SagaProblems.UnknownType);
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [Fact]
    public async Task Access_OfABrowser_IsTheKeyAsAPassword_AndNotForPagesOfOtherOrigins()
    {
        const string secret = "0123456789abcdef0123456789abcdef";
        var own = new SiloFixture("--Access:ApiKeys:0:Name", "ops", "--Access:ApiKeys:0:Key", secret);
        await own.InitializeAsync();
        try
        {
            using var asked = await own.GetAsync("/shop/books", ("Accept", "text/html,application/xhtml+xml"));
            Assert.Equal(HttpStatusCode.Unauthorized, asked.StatusCode);
            Assert.Equal(["Bearer", "Basic"], asked.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme));

            own.Client.DefaultRequestHeaders.Authorization = new(
                "Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes($"anyone:{secret}"))
            );
            Assert.Equal(HttpStatusCode.OK, (await own.GetAsync("/shop/books", ("Sec-Fetch-Site", "cross-site"))).StatusCode);
            using var foreign = new HttpRequestMessage(HttpMethod.Post, "/shop/repair")
            {
                Headers = { { "Origin", "http://evil.example" } },
            };
            Assert.Equal(HttpStatusCode.Forbidden, (await own.Client.SendAsync(foreign)).StatusCode);
            using var same = new HttpRequestMessage(HttpMethod.Post, "/shop/repair") { Headers = { { "Sec-Fetch-Site", "same-origin" } } };
            Assert.True((await own.Client.SendAsync(same)).IsSuccessStatusCode);
        }
        finally
        {
            await own.DisposeAsync();
        }
    }
}
