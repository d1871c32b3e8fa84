using System.Diagnostics;
using OrleansSagas.EndToEnd.Tests.Hostile.Talking;

namespace OrleansSagas.EndToEnd.Tests.Hostile;

/// <summary>Callers that take their time: each is dropped within a bounded one, and holds up nobody.</summary>
public sealed class SlowTests(HostileSilo silo) : HostileTests(silo)
{
    private const int Callers = 150;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Less than a slow caller is borne with: whoever had to wait for one would wait longer.</summary>
    private static readonly TimeSpan LongestForOthers = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The silo allows 15 seconds for headers, and 5 for a body before it counts its bytes per second; the rest is the machine's.
    /// </summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(28);

    [Fact]
    public async Task SlowCallers_AreDropped_AndOthersAreServedMeanwhile()
    {
        var order = HostileSilo.Order();
        using var over = new CancellationTokenSource();
        var others = ServedAsync(over.Token);
        var callers = new[]
        {
            ManyAsync("slow headers", Request.Head("GET", "/sagas", "X: ")[..^4], "x"u8.ToArray()),
            ManyAsync("slow request line", "GET /sagas/"u8.ToArray(), "x"u8.ToArray()),
            ManyAsync("silent in a header", "GET / HTTP/1.1\r\nHo"u8.ToArray(), null),
            ManyAsync("slow body", Request.Head("POST", "/sagas/order", $"{Request.Json}Content-Length: 100000\r\n"), " "u8.ToArray()),
            ManyAsync(
                "slow chunks",
                Request.Head("POST", "/sagas/order", $"{Request.Json}Transfer-Encoding: chunked\r\n"),
                "1\r\n \r\n"u8.ToArray()
            ),
            ManyAsync(
                "a body that is shorter than it was said to be",
                [.. Request.Head("POST", "/sagas/order", $"{Request.Json}Content-Length: {order.Length + 1}\r\n"), .. order],
                null
            ),
            ManyAsync(
                "a chunk that is shorter than it was said to be",
                [.. Request.Head("POST", "/sagas/order", $"{Request.Json}Transfer-Encoding: chunked\r\n"), .. "7fffffff\r\nx"u8],
                null
            ),
            ManyAsync(
                "chunks without the last",
                [.. Request.Head("POST", "/sagas/order", $"{Request.Json}Transfer-Encoding: chunked\r\n"), .. Request.Chunk(order)],
                null
            ),
            ManyAsync(
                "a slow body of a verb",
                Request.Head("POST", "/sagas/nobody/cancel", $"{Request.Json}Content-Length: 1000\r\n"),
                " "u8.ToArray()
            ),
        };
        await Task.WhenAll(callers);
        await over.CancelAsync();
        var longest = await others;
        Assert.True(longest < LongestForOthers, $"Others were to be answered within {LongestForOthers}; one waited {longest}.");
    }

    private async Task ManyAsync(string what, byte[] first, byte[]? drop) =>
        await Task.WhenAll(Enumerable.Range(0, Callers / 9).Select(_ => OneAsync(what, first, drop)));

    private async Task OneAsync(string what, byte[] first, byte[]? drop)
    {
        using var connection = await Silo.ConnectAsync();
        var clock = Stopwatch.StartNew();
        await connection.SendAsync(first);
        var answered = connection.ReadAsync();
        while (drop is not null && !answered.IsCompleted && await connection.TrySendAsync(drop))
            await Task.WhenAny(answered, Task.Delay(Pause));
        var answer = Silo.Checked(await answered, first);
        Assert.True(clock.Elapsed < Bound, $"{what}: it was to be dropped within {Bound}; it took {clock.Elapsed}.");
        Assert.True(answer?.Status is null or 400 or 408, $"{what}: {answer}");
    }

    /// <summary>Orders, one after the other, each on a connection of its own; answers how long the longest took.</summary>
    private async Task<TimeSpan> ServedAsync(CancellationToken over)
    {
        var longest = TimeSpan.Zero;
        while (!over.IsCancellationRequested)
        {
            var clock = Stopwatch.StartNew();
            Assert.Equal(200, (await Silo.AskAsync(Request.Start(HostileSilo.Order(), $"{Request.Json}Prefer: wait=20\r\n")))?.Status);
            longest = clock.Elapsed > longest ? clock.Elapsed : longest;
            await Task.WhenAny(Task.Delay(Pause / 5, over));
        }
        return longest;
    }
}
