using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace OrleansSagas.EndToEnd.Tests;

/// <summary>The front door without the SDK: as curl reads it, and as nobody should use it.</summary>
public sealed class RawHttpTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Events_ReadAsText_AreServerSentEventsUntilTheEnd()
    {
        var saga = await silo.Sagas.StartAsync("order", SampleOrders.Slow(0.2));
        using var request = new HttpRequestMessage(HttpMethod.Get, Relative($"sagas/{saga.Id}/events"));
        using var answer = await silo.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);

        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var text = await reader.ReadToEndAsync().WaitAsync(SagaWaiting.Patience);
        var events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(one => !one.StartsWith(':')).ToList();
        Assert.Equal(6, events.Count);
        for (var i = 0; i < events.Count; i++)
        {
            var lines = events[i].Split('\n').Where(line => !line.StartsWith(':')).ToList();
            Assert.Equal($"id: {i + 1}", lines[0]);
            Assert.StartsWith("data: ", lines[2], StringComparison.Ordinal);
            using var entry = JsonDocument.Parse(lines[2]["data: ".Length..]);
            Assert.Equal($"event: {entry.RootElement.GetProperty("event").GetString()}", lines[1]);
            Assert.Equal(i + 1, entry.RootElement.GetProperty("revision").GetInt64());
        }

        Assert.Contains("id: 5", await TextAsync(saga.Id, last: "4"), StringComparison.Ordinal);
        Assert.DoesNotContain("id: 4", await TextAsync(saga.Id, last: "4"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await EventsAsync(saga.Id, last: "6")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await EventsAsync(saga.Id, last: "six")).StatusCode);
    }

    [Fact]
    public async Task Start_WithPrefer_AnswersAsTheContractSays()
    {
        using var ended = await StartAsync("""{"customer":"ada","card":"1","item":"mug","quantity":1,"total":1}""", prefer: "wait=20");
        Assert.Equal((HttpStatusCode.OK, "wait=20"), (ended.StatusCode, ended.Headers.GetValues("Preference-Applied").Single()));
        using var accepted = await StartAsync(SampleOrders.Slow(0.3).ToJsonString(), prefer: "wait=0");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.StartsWith("/sagas/", accepted.Headers.Location?.OriginalString, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, HttpStatusCode> BadBodies =>
        new()
        {
            { "nothing", "", HttpStatusCode.BadRequest },
            { "no JSON", "teapot, please", HttpStatusCode.BadRequest },
            { "half an object", """{"customer":"ada",""", HttpStatusCode.BadRequest },
            { "two values", """{"customer":"ada"} {"customer":"ben"}""", HttpStatusCode.BadRequest },
            { "an array", "[1,2,3]", HttpStatusCode.BadRequest },
            { "a text", "\"order\"", HttpStatusCode.BadRequest },
            { "null", "null", HttpStatusCode.BadRequest },
            { "a number as a text", """{"quantity":"two"}""", HttpStatusCode.BadRequest },
            { "a number out of range", """{"quantity":1e99}""", HttpStatusCode.BadRequest },
            { "an object for a text", """{"customer":{"name":"ada"}}""", HttpStatusCode.BadRequest },
            {
                "an unknown behaviour member",
                """{"customer":"ada","behaviour":{"charge-payment":{"explode":true}}}""",
                HttpStatusCode.BadRequest
            },
            { "a lone surrogate", """{"customer":"\ud800"}""", HttpStatusCode.BadRequest },
            { "deep", new string('[', 100_000) + new string(']', 100_000), HttpStatusCode.BadRequest },
            {
                "deep within",
                """{"behaviour":""" + string.Concat(Enumerable.Repeat("""{"a":""", 50_000)) + "1" + new string('}', 50_001),
                HttpStatusCode.BadRequest
            },
            { "oversized", "{\"customer\":\"" + new string('a', 2 << 20) + "\"}", HttpStatusCode.RequestEntityTooLarge },
        };

    [Theory]
    [MemberData(nameof(BadBodies), DisableDiscoveryEnumeration = true)]
    public async Task Start_WithABadBody_IsAProblem(string what, string body, HttpStatusCode status)
    {
        using var answer = await StartAsync(body);
        await IsProblemAsync(answer, status, what);
    }

    [Fact]
    public async Task Start_WithInvalidUtf8_IsAProblem()
    {
        using var content = new ByteArrayContent([.. "{\"customer\":\""u8, 0xC3, 0x28, 0xFF, .. "\"}"u8])
        {
            Headers = { ContentType = new("application/json") },
        };
        using var answer = await silo.Http.PostAsync(Relative("sagas/order"), content);
        await IsProblemAsync(answer, HttpStatusCode.BadRequest, "invalid UTF-8");
    }

    [Fact]
    public async Task Start_WithAnotherContentType_IsAProblem()
    {
        using var content = new StringContent("{}", Encoding.UTF8, "text/plain");
        using var answer = await silo.Http.PostAsync(Relative("sagas/order"), content);
        await IsProblemAsync(answer, HttpStatusCode.UnsupportedMediaType, "text/plain");
    }

    public static TheoryData<string, string, HttpStatusCode> BadPaths =>
        new()
        {
            { "GET", "sagas/" + new string('a', 10_000), HttpStatusCode.BadRequest },
            { "GET", "sagas/" + new string('a', 10_000) + "/history", HttpStatusCode.BadRequest },
            { "GET", "sagas/" + new string('a', 129), HttpStatusCode.BadRequest },
            { "GET", "sagas/a%20b", HttpStatusCode.BadRequest },
            { "GET", "sagas/%01", HttpStatusCode.BadRequest },
            { "GET", "sagas/..%2f..%2fetc%2fpasswd", HttpStatusCode.BadRequest },
            { "POST", "sagas/" + new string('a', 10_000) + "/cancel", HttpStatusCode.BadRequest },
            { "POST", "sagas/order?id=" + new string('a', 10_000), HttpStatusCode.BadRequest },
            { "POST", "sagas/order?version=one", HttpStatusCode.BadRequest },
            { "POST", "sagas/" + new string('a', 10_000), HttpStatusCode.NotFound },
            { "GET", "sagas/x/history?limit=100000", HttpStatusCode.BadRequest },
            { "GET", "sagas/x/history?after=-1", HttpStatusCode.BadRequest },
            { "GET", "sagas?limit=0", HttpStatusCode.BadRequest },
            { "GET", "sagas?status=Happy", HttpStatusCode.BadRequest },
            { "GET", "sagas?tag=customer", HttpStatusCode.BadRequest },
            { "GET", "sagas?after=nonsense", HttpStatusCode.BadRequest },
            { "GET", "sagas?startedFrom=yesterday", HttpStatusCode.BadRequest },
            { "GET", "no/such/page", HttpStatusCode.NotFound },
            { "DELETE", "sagas/x", HttpStatusCode.MethodNotAllowed },
        };

    [Theory]
    [MemberData(nameof(BadPaths), DisableDiscoveryEnumeration = true)]
    public async Task Request_WithABadPathOrQuery_IsAProblem(string method, string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Relative(path));
        if (method == "POST")
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var answer = await silo.Http.SendAsync(request);
        await IsProblemAsync(answer, status, $"{method} {path[..Math.Min(60, path.Length)]}");
    }

    [Theory]
    [InlineData("Idempotency-Key", "\"unclosed")]
    [InlineData("Idempotency-Key", "\"\"")]
    [InlineData("Idempotency-Key", "x256")]
    [InlineData("Correlation-Id", "x129")]
    public async Task Start_WithABadHeader_IsAProblem(string name, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Relative("sagas/order"))
        {
            Content = new StringContent("{}", Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation(
            name,
            value[0] == 'x' ? new string('x', int.Parse(value[1..], System.Globalization.CultureInfo.InvariantCulture)) : value
        );
        using var answer = await silo.Http.SendAsync(request);
        await IsProblemAsync(answer, HttpStatusCode.BadRequest, $"{name}: {value}");
    }

    [Fact]
    public async Task AfterAllKindsOfNonsense_TheSiloStillServes()
    {
        foreach (
            var nonsense in (string[])
                [
                    "\0\0\0\0",
                    "GET / HTTP/9.9\r\n\r\n",
                    "POST /sagas/order HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{",
                    "GET /sagas HTTP/1.1\r\nHost: evil.example\r\n\r\n",
                ]
        )
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(silo.Address.Host, silo.Address.Port);
            await socket.GetStream().WriteAsync(Encoding.Latin1.GetBytes(nonsense));
        }

        var view = await silo.Sagas.StartAndWaitAsync("order", SampleOrders.Order(), timeout: SagaWaiting.Patience);
        Assert.Equal(SagaStatus.Completed, view.Status);
        Assert.DoesNotContain("Unhandled exception", silo.Log, StringComparison.Ordinal);
    }

    private static Uri Relative(string path) => new(path, UriKind.Relative);

    private async Task<HttpResponseMessage> StartAsync(string body, string? prefer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Relative("sagas/order"))
        {
            Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        if (prefer is not null)
            request.Headers.TryAddWithoutValidation("Prefer", prefer);
        return await silo.Http.SendAsync(request);
    }

    private async Task<HttpResponseMessage> EventsAsync(SagaId id, string last)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Relative($"sagas/{id}/events"));
        request.Headers.TryAddWithoutValidation("Last-Event-ID", last);
        return await silo.Http.SendAsync(request);
    }

    private async Task<string> TextAsync(SagaId id, string last)
    {
        using var answer = await EventsAsync(id, last);
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task IsProblemAsync(HttpResponseMessage answer, HttpStatusCode status, string what)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(
            answer.StatusCode == status && answer.Content.Headers.ContentType?.MediaType == "application/problem+json",
            $"{what} was to be a problem with status {(int)status}; it was {(int)answer.StatusCode} "
                + $"{answer.Content.Headers.ContentType}: {body[..Math.Min(600, body.Length)]}{Environment.NewLine}{silo.Log}"
        );
        using var problem = JsonDocument.Parse(body);
        // What is wrong with HTTP alone, such as the path, has no type of its own (RFC 9457, 4.2.1).
        var type = problem.RootElement.GetProperty("type").GetString();
        Assert.True(
            type!.StartsWith("urn:orleanssagas:", StringComparison.Ordinal) || (type == "about:blank" && (int)status is 404 or 405),
            $"{what}: the problem's type is {type}."
        );
        Assert.Equal((int)status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrEmpty(problem.RootElement.GetProperty("title").GetString()));
        Assert.True(body.Length < 4_000, $"{what}: the problem repeats what was sent: {body.Length} characters.");
        Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
    }
}
