using System.Globalization;
using OrleansSagas.EndToEnd.Tests.Hostile.Talking;

namespace OrleansSagas.EndToEnd.Tests.Hostile;

/// <summary>Event streams that are opened and not read, by the thousand.</summary>
public sealed class StreamTests : IAsyncLifetime
{
    private const int Most = 2_000;
    private const int TooMany = 300;
    private const int MostMemoryEach = 96 * 1024;
    private const int Mebibyte = 1 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly HostileSilo _silo = new(
        "--Sagas:Http:MaxEventStreams",
        Most.ToString(CultureInfo.InvariantCulture),
        "--Sagas:Http:Heartbeat",
        "00:00:01",
        "--Sagas:Http:MaxLargeBytes",
        $"{8 * Mebibyte}",
        "--Sagas:Http:LargeTimeout",
        "00:00:03"
    );

    public ValueTask InitializeAsync() => _silo.InitializeAsync();

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    [Fact]
    public async Task Streams_BeyondTheirBound_AreRefused_AndThoseThatVanishAreLetGo()
    {
        await StartPausedAsync("watched");
        var before = _silo.Memory;
        var request = Request.Get("/sagas/watched/events");
        var connections = new List<RawConnection>();
        for (var i = 0; i < Most; i++)
        {
            var connection = await _silo.ConnectAsync();
            await connection.SendAsync(request);
            connections.Add(connection);
        }
        // The first line of each answer is read, and no more.
        foreach (var connection in connections)
            Assert.Equal(200, await connection.ReadStatusAsync());
        for (var i = 0; i < TooMany; i++)
        {
            var refused = await _silo.AskAsync(request);
            Assert.Equal((503, true), (refused!.Status, refused.Headers.ContainsKey("retry-after")));
        }

        var each = (_silo.Memory - before) / Most;
        Assert.True(each < MostMemoryEach, $"An open stream was to take less than {MostMemoryEach} bytes; it takes {each}.");
        Assert.Equal(200, (await _silo.AskAsync(Request.Start(HostileSilo.Order(), $"{Request.Json}Prefer: wait=20\r\n")))?.Status);

        foreach (var connection in connections.Take(Most / 2))
            connection.Vanish();
        foreach (var connection in connections.Skip(Most / 2))
            connection.Dispose();
        await _silo.EventuallyAsync(async () => !await RefusesAsync(request), Patience, "a stream can be opened again");
        await _silo.EventuallyAsync(() => Task.FromResult(_silo.Sockets < 50), Patience, "the connections of all streams are closed");
        await _silo.CancelAllAsync();
        await _silo.AuditAsync();
    }

    /// <summary>Together they would be some gigabytes, and the silo has far less.</summary>
    [Fact]
    public async Task Answers_ThatNobodyReads_AreGivenUp()
    {
        // The last step alone replaces it: until then, each entry has it.
        var large = HostileSilo.Order($"\"shipmentId\":\"{new string('x', Mebibyte - 1_000)}\"");
        Assert.Equal(
            200,
            (await _silo.AskAsync(Request.Start(large, $"{Request.Json}Prefer: wait=20\r\n", "/sagas/order?id=large")))?.Status
        );
        var connections = new List<RawConnection>();
        foreach (var target in (string[])["/sagas/large/events", "/sagas/large/history"])
        {
            for (var i = 0; i < 300; i++)
            {
                var connection = await _silo.ConnectAsync(receiveBuffer: 4_096);
                await connection.SendAsync(Request.Get(target));
                connections.Add(connection);
            }
        }
        for (var calm = 0; calm < 20; calm++)
        {
            // Twenty readers in a row find room: then nobody who does not read holds it any more.
            await _silo.EventuallyAsync(
                async () => (await _silo.AskAsync(Request.Get("/sagas/large/history")))?.Status is 200,
                Patience,
                "what nobody reads is given up"
            );
        }
        // Those who were refused were told so at once, and can still read it.
        var refused = 0;
        foreach (var connection in connections)
        {
            if (await connection.ReadStatusAsync() == 503)
                refused++;
        }
        Assert.True(refused > 0, "Answers that nobody reads were to fill the room that there is for large ones.");
        foreach (var connection in connections)
            connection.Dispose();
        await _silo.AuditAsync();
    }

    /// <summary>
    /// Each of them has seen a megabyte, and waits for what comes after it: together they would be more than the silo has.
    /// </summary>
    [Fact]
    public async Task Streams_ThatWait_HoldNothingOfWhatTheyTold()
    {
        await StartPausedAsync("heavy", $",\"x\":\"{new string('x', Mebibyte - 1_000)}\"");
        var connections = new List<RawConnection>();
        for (var i = 0; i < 450; i++)
        {
            var connection = await _silo.ConnectAsync();
            connections.Add(connection);
            await connection.SendAsync(Request.Get("/sagas/heavy/events"));
            await connection.SkipToAsync("HTTP/1.1 200");
            await connection.SkipToAsync("event: paused");
        }
        Assert.Equal(200, (await _silo.AskAsync(Request.Get("/sagas/heavy/history")))?.Status);
        foreach (var connection in connections)
            connection.Dispose();
        await _silo.CancelAllAsync();
        await _silo.AuditAsync();
    }

    [Fact]
    public async Task Streams_OfManySagasThatRun_TellEachItsOwn()
    {
        var requests = await Task.WhenAll(
            Enumerable
                .Range(0, 200)
                .Select(async number =>
                {
                    var id = $"s{number}";
                    Assert.Equal(202, (await _silo.AskAsync(Request.Start(HostileSilo.Order(), target: $"/sagas/order?id={id}")))?.Status);
                    var answer = await _silo.AskAsync(Request.Get($"/sagas/{id}/events"));
                    return (Id: id, answer!.Text);
                })
        );
        Assert.All(
            requests,
            one => Assert.Equal(6, one.Text.Split("\n\n").Count(part => part.Contains("\ndata: ", StringComparison.Ordinal)))
        );
        await _silo.AuditAsync();
    }

    private async Task StartPausedAsync(string id, string more = "")
    {
        Assert.Equal(202, (await _silo.AskAsync(Request.Start(HostileSilo.SlowOrder(more), target: $"/sagas/order?id={id}")))?.Status);
        Assert.Equal(200, (await _silo.AskAsync(Request.Post($"/sagas/{id}/pause", "{}"u8)))?.Status);
    }

    private async Task<bool> RefusesAsync(byte[] request)
    {
        using var connection = await _silo.ConnectAsync();
        await connection.SendAsync(request);
        return await connection.ReadStatusAsync() == 503;
    }
}
