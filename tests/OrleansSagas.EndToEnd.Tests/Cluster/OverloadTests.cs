using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansSagas.TestKit;
using OrleansSagas.TestKit.Silos.Auditing;

namespace OrleansSagas.EndToEnd.Tests.Cluster;

/// <summary>Three real silos that are given more than they can take.</summary>
[Collection(nameof(RunsAlone))]
public sealed class OverloadTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Callers = 256;

    /// <summary>
    /// How many sagas a silo may have in memory. Callers who arrive at the same moment may pass together, so there can be a few more.
    /// </summary>
    private const int MostActive = 20;

    private static readonly TimeSpan ForSoLong = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan ToEnd = TimeSpan.FromSeconds(90);

    private ClusterPlace _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(ThrowawayPostgres.Obstacle is not null, ThrowawayPostgres.Obstacle ?? "");
        _cluster = await ClusterPlace.StartAsync(3, "--Sagas:Engine:MaxActiveSagas", $"{MostActive}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is null)
            return;
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            output.WriteLine(_cluster.Keep());
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Start_WhenAllSilosAreFull_IsRefusedAndNothingElseIs()
    {
        var (accepted, cancelled) = (new ConcurrentQueue<SagaId>(), new ConcurrentQueue<SagaId>());
        var refused = 0;
        using var over = new CancellationTokenSource(ForSoLong);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(CallAsync)).WaitAsync(ToEnd);

        Assert.True(refused > Callers, $"Only {refused} starts were refused; {accepted.Count} were accepted.");
        Assert.True(accepted.Count > MostActive, $"Only {accepted.Count} starts were accepted, {refused} were refused.");
        var ends = new Dictionary<SagaStatus, int>();
        foreach (var id in accepted)
        {
            var end = await _cluster.Sagas.Get(id).WaitAsync(ToEnd);
            ends[end.Status] = ends.GetValueOrDefault(end.Status) + 1;
            Assert.True(
                end.Status == SagaStatus.Completed || (end.Status == SagaStatus.Cancelled && cancelled.Contains(id)),
                $"Saga {id}: {SagaWaiting.Said(end)}"
            );
        }

        Assert.NotEmpty(cancelled);
        Assert.True(
            await _cluster.Http.GetFromJsonAsync<BooksSummary>(new Uri("shop/books", UriKind.Relative))
                is { Conserved: true, Doubled: 0, Open: 0 }
        );
        var said =
            $"{accepted.Count} accepted, {refused} refused, {cancelled.Count} cancelled meanwhile; "
            + $"{string.Join(", ", ends.Select(end => $"{end.Value} {end.Key}"))}.";
        output.WriteLine(said);
        TestContext.Current.SendDiagnosticMessage(said);

        async Task CallAsync(int caller)
        {
            for (var i = 0; !over.IsCancellationRequested; i++)
            {
                var id = new SagaId($"{caller}-{i}");
                if (await StartAsync(id, hasTrouble: i % 4 == 0))
                    await AcceptedAsync(id, isUnwanted: caller % 8 == 0);
                else
                    Interlocked.Increment(ref refused);
            }
        }

        async Task AcceptedAsync(SagaId id, bool isUnwanted)
        {
            accepted.Enqueue(id);
            if (!isUnwanted)
                return;
            using var answer = await _cluster.Http.PostAsJsonAsync(new Uri($"sagas/{id}/cancel", UriKind.Relative), new { actor = "test" });
            Assert.True(
                answer.StatusCode != HttpStatusCode.ServiceUnavailable,
                $"The cancel of {id} was refused: {await answer.Content.ReadAsStringAsync()}"
            );
            cancelled.Enqueue(id);
        }
    }

    /// <summary>
    /// Starts an order, of which no step is quick, and which needs a timer where it has trouble. Answers whether it was accepted; the only
    /// other answer is that there is no room.
    /// </summary>
    private async Task<bool> StartAsync(SagaId id, bool hasTrouble)
    {
        var order = SampleOrders.Slow(0.4);
        if (hasTrouble)
            order["behaviour"]!["charge-payment"] = new JsonObject { ["failTimes"] = 1 };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"sagas/order?id={id}") { Content = JsonContent.Create(order) };
        request.Headers.Add("Idempotency-Key", $"\"{id}\"");
        using var answer = await _cluster.Http.SendAsync(request);
        if (answer.StatusCode == HttpStatusCode.Accepted)
            return true;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{(int)answer.StatusCode} {text}");
        Assert.Equal(SagaProblems.Overloaded, JsonDocument.Parse(text).RootElement.GetProperty("type").GetString());
        var pause = Assert.NotNull(answer.Headers.RetryAfter?.Delta);
        Assert.InRange(pause, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));

        // Sooner than asked for: who behaves as told is no overload.
        await Task.Delay(pause / 10);
        return false;
    }
}
