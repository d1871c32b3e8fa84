using System.Text;
using OrleansSagas.EndToEnd.Tests.Hostile.Talking;

namespace OrleansSagas.EndToEnd.Tests.Hostile;

/// <summary>Where one request ends and the next begins: nobody may disagree with us about that.</summary>
public sealed class FramingTests(HostileSilo silo) : HostileTests(silo)
{
    private const string Start = "POST /sagas/order HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    private const string Hidden =
        "POST /sagas/order HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

    /// <summary>Two ways to tell the length, or one that can be read in two ways; and behind it a request that must not be seen.</summary>
    public static TheoryData<string> Ambiguous =>
        [
            "Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
            "Content-Length: 0, 44\r\n\r\n",
            "Content-Length: -1\r\n\r\n",
            "Content-Length: 0x2\r\n\r\n{}",
            "Content-Length: 2 2\r\n\r\n{}",
            "Content-Length: 1e1\r\n\r\n{}",
            "Content-Length: 99999999999999999999\r\n\r\n{}",
            "Content-Length:\r\n\r\n",
            "Content-Length : 0\r\n\r\n",
            "Content-Length\r\n\r\n",
            " Content-Length: 0\r\n\r\n",
            "X: 1\r\n Content-Length: 0\r\n\r\n",
            "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: identity\r\n\r\n",
            "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n 0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n",
            "Transfer-Encoding: chunked\r\n\r\n2\r\n{}x\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n2;\n{}\r\n0\r\n\r\n",
        ];

    [Theory]
    [MemberData(nameof(Ambiguous))]
    public async Task Request_OfWhichTheLengthIsAmbiguous_EndsTheConnection(string rest)
    {
        using var connection = await Silo.ConnectAsync();
        var request = Encoding.Latin1.GetBytes(Start + rest + Hidden);
        await connection.SendAsync(request);
        var answer = Silo.Checked(await connection.ReadAsync(), request);
        Assert.True(answer?.Status == 400, $"{answer}");
        Assert.Null(Silo.Checked(await connection.ReadAsync(), request));
    }

    /// <summary>The standard has chunks win over a length; and what is read by the one is never read again by the other.</summary>
    [Theory]
    [InlineData("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 400\r\n\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("TRANSFER-ENCODING: Chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n")]
    public async Task Request_WithChunksAndALength_IsReadByItsChunks(string rest)
    {
        using var connection = await Silo.ConnectAsync();
        await connection.SendAsync(Start + rest + "GET /sagas/after HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(400, Silo.Checked(await connection.ReadAsync(), default)?.Status);
        Assert.True(Silo.Checked(await connection.ReadAsync(), default)?.Status is 404 or null);
    }

    [Fact]
    public async Task Requests_OneBehindTheOther_AreAnsweredInOrder()
    {
        using var connection = await Silo.ConnectAsync();
        var many = Enumerable
            .Range(0, 200)
            .SelectMany(number =>
                number % 3 == 0 ? Request.Get("/sagas/nobody")
                : number % 3 == 1 ? Request.Start(HostileSilo.Order())
                : Request.Start("{"u8)
            )
            .ToArray();
        await connection.SendAsync(many);
        for (var number = 0; number < 200; number++)
            Assert.Equal(
                (number % 3) switch
                {
                    0 => 404,
                    1 => 202,
                    _ => 400,
                },
                Silo.Checked(await connection.ReadAsync(), default)?.Status
            );
    }

    /// <summary>The body of a request that was refused before it was read is not taken for the next request.</summary>
    [Fact]
    public async Task Request_InTheBodyOfARefusedOne_IsNotSeen()
    {
        var hidden = Encoding.ASCII.GetBytes(Hidden);
        foreach (
            var refused in (byte[][])
                [
                    Request.Post("/sagas/nobody/history", hidden),
                    Request.Post("/nothing", hidden),
                    Request.Post("/sagas/order?version=x", hidden),
                    Request.Post("/sagas/order", hidden, "Content-Type: text/plain\r\n"),
                    [.. Request.Head("GET", "/sagas/nobody", $"Content-Length: {hidden.Length}\r\n"), .. hidden],
                    [.. Request.Head("DELETE", "/sagas", $"Content-Length: {hidden.Length}\r\n"), .. hidden],
                ]
        )
        {
            using var connection = await Silo.ConnectAsync();
            await connection.SendAsync((byte[])[.. refused, .. Request.Get("/health/live")]);
            Assert.InRange(Silo.Checked(await connection.ReadAsync(), refused)!.Status, 400, 499);
            Assert.Equal(200, Silo.Checked(await connection.ReadAsync(), refused)?.Status);
        }
    }

    [Fact]
    public async Task Body_InOneByteChunks_IsRead()
    {
        var answer = await Silo.AskAsync(
            (byte[])
                [
                    .. Request.Head("POST", "/sagas/order", $"{Request.Json}Transfer-Encoding: chunked\r\n"),
                    .. HostileSilo.Order().SelectMany(one => Request.Chunk([one])),
                    .. "0\r\nTrailer: yes\r\n\r\n"u8,
                ]
        );
        Assert.Equal(202, answer?.Status);
    }

    [Fact]
    public async Task Body_OfEmptyTalkBetweenChunks_IsCutOff()
    {
        using var connection = await Silo.ConnectAsync();
        await connection.SendAsync(Request.Head("POST", "/sagas/order", $"{Request.Json}Transfer-Encoding: chunked\r\n"));
        var talk = Encoding.ASCII.GetBytes($"1;{new string('x', 64 * 1024)}\r\n{{\r\n");
        var sent = 0;
        while (sent < 1_500 && await connection.TrySendAsync(talk))
            sent++;
        Assert.True(sent < 1_500, "More than 90 MB of talk were taken.");
    }

    [Fact]
    public async Task Trailers_WithoutEnd_AreCutOff()
    {
        using var connection = await Silo.ConnectAsync();
        await connection.SendAsync(
            (byte[])
                [
                    .. Request.Head("POST", "/sagas/order", $"{Request.Json}Transfer-Encoding: chunked\r\n"),
                    .. Request.Chunk(HostileSilo.Order()),
                    .. "0\r\n"u8,
                ]
        );
        var trailer = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("X-More: yes\r\n", 1_000)));
        var sent = 0;
        while (sent < 1_000 && await connection.TrySendAsync(trailer))
            sent++;
        Assert.True(sent < 1_000, "13 MB of trailers were taken.");
        Assert.NotEqual(202, Silo.Checked(await connection.ReadAsync(), default)?.Status);
    }

    [Theory]
    [InlineData("GET /health/live HTTP/1.0\r\n\r\n", 400, 421)]
    [InlineData("GET /health/live HTTP/1.0\r\nHost: localhost\r\n\r\n", 200, 200)]
    [InlineData("POST /sagas/order HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n\r\n", 400, 400)]
    [InlineData(
        "POST /sagas/order HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
        411
    )]
    [InlineData("GET /sagas/x/events HTTP/1.0\r\nHost: localhost\r\n\r\n", 404, 404)]
    public async Task Request_OfHttp10_IsAnsweredAndClosed(string request, int one, int other)
    {
        using var connection = await Silo.ConnectAsync();
        await connection.SendAsync(request);
        Assert.Contains(Silo.Checked(await connection.ReadAsync(), default)!.Status, (int[])[one, other]);
        await connection.ClosedAsync();
    }

    [Fact]
    public async Task Upgrade_ToAnything_IsNotDone()
    {
        foreach (var protocol in (string[])["websocket", "h2c", "TLS/1.0", "made-up"])
        {
            var answer = await Silo.AskAsync(
                Request.Get(
                    "/health/live",
                    $"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: {protocol}\r\nHTTP2-Settings: "
                        + "AAMAAABkAAQAAP__\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                )
            );
            Assert.Equal(200, answer?.Status);
        }
    }

    [Fact]
    public async Task Expect_OfABodyThatIsTooLarge_IsRefusedBeforeItIsSent()
    {
        var answer = await Silo.AskAsync(
            Request.Head("POST", "/sagas/order", $"{Request.Json}Expect: 100-continue\r\nContent-Length: 10000000000\r\n")
        );
        Assert.Equal(413, answer?.Status);
    }
}
