using OrleansSagas.EndToEnd.Tests.Hostile.Talking;

namespace OrleansSagas.EndToEnd.Tests.Hostile;

/// <summary>Callers that hold connections, and do not use them as callers do.</summary>
public sealed class ConnectionTests : IAsyncLifetime
{
    private const int Most = 300;
    private const int TooMany = 100;
    private const int Mebibyte = 1 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HostileSilo _silo = new("--Silo:MaxConnections", $"{Most}");

    public ValueTask InitializeAsync() => _silo.InitializeAsync();

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    [Fact]
    public async Task Connections_BeyondTheirBound_AreClosed_AndThoseThatWereFirstAreServed()
    {
        var served = new List<RawConnection>();
        var closed = 0;
        for (var i = 0; i < Most + TooMany; i++)
        {
            var connection = await _silo.ConnectAsync();
            if (await connection.TrySendAsync(Request.Get("/health/live")) && await connection.ReadAsync() is { Status: 200 })
                served.Add(connection);
            else
                closed++;
        }
        // The test's own client has one.
        Assert.InRange(served.Count, Most - 5, Most);
        Assert.Equal(Most + TooMany, served.Count + closed);

        var order = Request.Start(HostileSilo.Order());
        await served[0].SendAsync(order);
        Assert.Equal(202, _silo.Checked(await served[0].ReadAsync(), order)?.Status);
        foreach (var connection in served)
            connection.Dispose();
        await _silo.EventuallyAsync(
            async () => (await _silo.AskAsync(Request.Get("/health/ready")))?.Status == 200,
            Patience,
            "there is room for connections again"
        );
        await _silo.AuditAsync();
    }

    /// <summary>Who asks and asks and reads nothing is not read on from, once so much of it waits.</summary>
    [Fact]
    public async Task Requests_OfCallersWhoReadNoAnswer_AreNotTakenWithoutEnd()
    {
        const int most = 32 * Mebibyte;
        Assert.Equal(
            202,
            (
                await _silo.AskAsync(
                    Request.Start(HostileSilo.Order($"\"x\":\"{new string('x', 40_000)}\""), target: "/sagas/order?id=wordy")
                )
            )?.Status
        );
        var before = _silo.Memory;
        var requests = Enumerable.Range(0, 1_000).SelectMany(_ => Request.Get("/sagas/wordy/history?limit=1")).ToArray();
        var connections = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => _silo.ConnectAsync(receiveBuffer: 4_096)));
        var taken = await Task.WhenAll(
            connections.Select(connection => connection.SendUntilFullAsync(requests, most, TimeSpan.FromSeconds(1)))
        );
        Assert.All(taken, bytes => Assert.True(bytes < most, $"{bytes} bytes of requests were taken whose answers nobody reads."));
        Assert.Equal(200, (await _silo.AskAsync(Request.Start(HostileSilo.Order(), $"{Request.Json}Prefer: wait=20\r\n")))?.Status);
        var held = (_silo.Memory - before) / connections.Length;
        Assert.True(held < 4 * Mebibyte, $"Who reads no answer was to take less than 4 MiB; it takes {held} bytes.");
        foreach (var connection in connections)
            connection.Vanish();
        await _silo.EventuallyAsync(() => Task.FromResult(_silo.Sockets < 20), Patience, "the connections of all who vanished are closed");
        await _silo.AuditAsync();
    }

    /// <summary>What their request asked for is done whole or not at all; a repeat says which, and does it where it was not.</summary>
    [Fact]
    public async Task Starts_WhoseCallersVanish_AreDoneOnceWhenRepeated()
    {
        var requests = Enumerable
            .Range(0, 150)
            .Select(number =>
                Request.Start(
                    HostileSilo.Order($"\"x\":{number}"),
                    $"{Request.Json}Idempotency-Key: \"vanish-{number}\"\r\nPrefer: wait={number % 3}\r\n"
                )
            )
            .ToList();
        await Parallel.ForAsync(
            0,
            requests.Count,
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (number, _) =>
            {
                using var connection = await _silo.ConnectAsync();
                // Some are cut in their headers, some in their body, most behind it.
                await connection.TrySendAsync(requests[number].AsMemory(0, requests[number].Length - Math.Max(0, 60 - number)));
                connection.Vanish();
            }
        );
        var locations = new HashSet<string>();
        foreach (var request in requests)
            locations.Add((await _silo.AskAsync(request))!.Headers["location"]);
        Assert.Equal(requests.Count, locations.Count);
        await _silo.AuditAsync();
    }
}
