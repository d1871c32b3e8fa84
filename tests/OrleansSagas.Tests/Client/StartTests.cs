using System.Net;
using System.Net.Sockets;

namespace OrleansSagas.Tests.Client;

public sealed class StartTests
{
    private readonly Script _server = new();

    [Fact]
    public async Task Start_SendsDataHeadersAndQueryAsTheContractSays()
    {
        var client = _server.ThenView(code: HttpStatusCode.Accepted).Client(options => options.ApiKey = "k1");

        var saga = await client.StartAsync(
            "a b/c",
            new { Total = 3 },
            new StartOptions
            {
                Id = new SagaId("o:1"),
                Version = 2,
                CorrelationId = "c 1",
                Headers = new Dictionary<string, string> { ["Tenant"] = "a, b=\u00e4" },
                RequestId = "say \"hi\" \\ there",
            }
        );

        Assert.Equal(new SagaId("s1"), saga.Id);
        var asked = Assert.Single(_server.Requests);
        Assert.Equal("POST /base/sagas/a%20b%2Fc?id=o%3A1&version=2", asked.Line);
        Assert.Equal("""{"total":3}""", asked.Body);
        Assert.Equal("c 1", asked["Correlation-Id"]);
        Assert.Equal("Tenant=a%2C%20b%3D%C3%A4", asked["Saga-Headers"]);
        Assert.Equal("\"say \\\"hi\\\" \\\\ there\"", asked["Idempotency-Key"]);
        Assert.Equal("Bearer k1", asked["Authorization"]);
        Assert.Null(asked["Prefer"]);
    }

    [Theory]
    [InlineData("", "x")]
    [InlineData("a b", "x")]
    [InlineData("a", "half a pair")]
    [InlineData("a", null)]
    public async Task Start_WithHeadersThatAreNone_IsRefusedBeforeItIsSent(string name, string? value)
    {
        var client = _server.ThenView().Client();
        await Assert.ThrowsAsync<ArgumentException>(() =>
            client.StartAsync(
                "order",
                new { },
                new StartOptions { Headers = new Dictionary<string, string> { [name] = value == "half a pair" ? "\ud800" : value! } }
            )
        );
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task Start_WithJsonOptions_WritesDataWithThem()
    {
        var client = _server.ThenView().Client(options => options.Json = System.Text.Json.JsonSerializerOptions.Default);
        await client.StartAsync("order", new { Total = 3 });
        Assert.Equal("""{"Total":3}""", _server.Requests[0].Body);
    }

    [Fact]
    public async Task Start_WhenUnavailableThenUp_RepeatsWithTheSameKeyAndBody()
    {
        var client = _server
            .Then(HttpStatusCode.ServiceUnavailable, retryAfter: TimeSpan.FromSeconds(2))
            .ThenFails(new HttpRequestException(HttpRequestError.ConnectionError))
            .ThenFails(new IOException("reset"))
            .ThenFails(new SocketException((int)SocketError.NotConnected))
            .Then(HttpStatusCode.TooManyRequests)
            .Then(HttpStatusCode.BadGateway, "<html>", "text/html")
            .Then(HttpStatusCode.GatewayTimeout)
            .ThenView()
            .Client();

        await client.StartAsync("order", new { Total = 3 });

        Assert.Equal(8, _server.Requests.Count);
        Assert.Single(_server.Requests.Select(asked => (asked.Line, asked.Body, asked["Idempotency-Key"])).Distinct());
        Assert.Equal(38, _server.Requests[0]["Idempotency-Key"]!.Length);
    }

    [Fact]
    public async Task Start_TwoCalls_UseTwoKeys()
    {
        var client = _server.ThenView().ThenView().Client();
        await client.StartAsync("order", 1);
        await client.StartAsync("order", 1);
        Assert.NotEqual(_server.Requests[0]["Idempotency-Key"], _server.Requests[1]["Idempotency-Key"]);
    }

    [Fact]
    public async Task Start_WhenRetryAfterIsGiven_HonoursAndCapsIt()
    {
        var client = _server
            .Then(HttpStatusCode.ServiceUnavailable, retryAfter: TimeSpan.FromSeconds(3))
            .Then(HttpStatusCode.ServiceUnavailable, retryAfter: TimeSpan.FromHours(3))
            .Then(HttpStatusCode.ServiceUnavailable, retryAfter: TimeSpan.Zero)
            .ThenView()
            .Client();

        await client.StartAsync("order", 1).Soon();

        Assert.Collection(
            _server.Clock.Skipped,
            first => Assert.InRange(first, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3.2)),
            capped => Assert.InRange(capped, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5.2)),
            zero => Assert.InRange(zero, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(5))
        );
    }

    [Fact]
    public async Task Start_WhenDownForLong_GivesUpAfterRetryForAndSaysThatRepeatingIsSafe()
    {
        for (var i = 0; i < 1000; i++)
            _server.ThenFails(new HttpRequestException(HttpRequestError.ConnectionError, "refused"));
        var client = _server.Client();
        var began = _server.Clock.GetTimestamp();

        var failure = await Assert.ThrowsAsync<SagaUnavailableException>(() =>
            client.StartAsync("order", 1, new StartOptions { Id = new SagaId("o1") })
        );

        Assert.InRange(_server.Clock.GetElapsedTime(began), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(36));
        Assert.Equal(_server.Requests[0]["Idempotency-Key"], $"\"{failure.RequestId}\"");
        Assert.Equal(new SagaId("o1"), failure.SagaId);
        Assert.Null(failure.Status);
        Assert.Contains("same request id is safe", failure.Message, StringComparison.Ordinal);
        Assert.IsType<HttpRequestException>(failure.InnerException);
    }

    [Fact]
    public async Task Start_WhenRetryForIsZero_TriesOnce()
    {
        var client = _server
            .ThenProblem(HttpStatusCode.ServiceUnavailable, SagaProblems.Overloaded)
            .Client(options => options.RetryFor = TimeSpan.Zero);
        var failure = await Assert.ThrowsAsync<SagaUnavailableException>(() => client.StartAsync("order", 1));
        Assert.Equal(SagaProblems.Overloaded, failure.ProblemType);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task Start_WhenAnAttemptHangs_TimesItOutAndRepeats()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = _server.ThenHangs(reached).ThenView().Client().StartAsync("order", 1);

        await reached.Task.Soon();
        _server.Clock.Fire(TimeSpan.FromSeconds(10));
        await start.Soon();

        Assert.Equal(2, _server.Requests.Count);
        Assert.Single(_server.Requests.Select(asked => asked["Idempotency-Key"]).Distinct());
    }

    [Fact]
    public async Task Start_WhenCancelled_StopsAtOnce()
    {
        using var stop = new CancellationTokenSource();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = _server.ThenHangs(reached).Client().StartAsync("order", 1, cancellationToken: stop.Token);

        await reached.Task.Soon();
        await stop.CancelAsync();

        var stopped = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start.Soon());
        Assert.Equal(stop.Token, stopped.CancellationToken);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task Start_WhenCancelledInAPause_StopsAtOnce()
    {
        using var stop = new CancellationTokenSource();
        _server.Clock.Skips = due =>
        {
            if (due < TimeSpan.FromSeconds(6))
                stop.Cancel();
            return false;
        };
        var start = _server.Then(HttpStatusCode.ServiceUnavailable).Client().StartAsync("order", 1, cancellationToken: stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start.Soon());
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("new\nline", null)]
    [InlineData("né", null)]
    [InlineData(null, "tab\t")]
    public async Task Start_WhenAHeaderCannotCarryAnId_RefusesBeforeTheCall(string? requestId, string? correlationId)
    {
        var options = new StartOptions { RequestId = requestId, CorrelationId = correlationId };
        await Assert.ThrowsAsync<ArgumentException>(() => _server.Client().StartAsync("order", 1, options));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task StartAndWait_WhenEndedInTime_TakesOneCall()
    {
        var client = _server.ThenView(SagaStatus.Compensated).Client();
        var view = await client.StartAndWaitAsync("order", 1);
        Assert.Equal(SagaStatus.Compensated, view.Status);
        Assert.Equal("wait=20", Assert.Single(_server.Requests)["Prefer"]);
    }

    [Fact]
    public async Task StartAndWait_WhenNotEnded_GoesOnPollingTheSaga()
    {
        var client = _server.ThenView(code: HttpStatusCode.Accepted).ThenView().ThenView(SagaStatus.Completed).Client();
        var view = await client.StartAndWaitAsync("order", 1);
        Assert.Equal(SagaStatus.Completed, view.Status);
        Assert.Equal(["POST /base/sagas/order", "GET /base/sagas/s1", "GET /base/sagas/s1"], _server.Requests.Select(asked => asked.Line));
    }

    [Fact]
    public async Task StartAndWait_WhenTimeIsOver_NamesTheSaga()
    {
        _server.Then(_ =>
        {
            _server.Clock.Advance(TimeSpan.FromSeconds(3));
            return Task.FromResult(
                new HttpResponseMessage(HttpStatusCode.Accepted)
                {
                    Content = new StringContent(System.Text.Json.JsonSerializer.Serialize(Some.View(), SagaJsonContext.Default.SagaView)),
                }
            );
        });
        var failure = await Assert.ThrowsAsync<SagaWaitTimeoutException>(() =>
            _server.Client().StartAndWaitAsync("order", 1, timeout: TimeSpan.FromSeconds(3))
        );
        Assert.Equal("wait=3", _server.Requests[0]["Prefer"]);
        Assert.Equal(new SagaId("s1"), failure.SagaId);
        Assert.Equal(SagaStatus.Running, failure.LastView!.Status);
    }
}
