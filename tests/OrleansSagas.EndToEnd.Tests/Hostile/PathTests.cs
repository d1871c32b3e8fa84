using OrleansSagas.EndToEnd.Tests.Hostile.Talking;

namespace OrleansSagas.EndToEnd.Tests.Hostile;

/// <summary>Request lines that no client of ours sends.</summary>
public sealed class PathTests(HostileSilo silo) : HostileTests(silo)
{
    /// <summary>What names no saga, in every way of writing it.</summary>
    public static TheoryData<string> Paths =>
        [
            "/sagas/%2e%2e",
            "/sagas/%2e%2e/%2e%2e/etc/passwd",
            "/sagas/../../etc/passwd",
            "/sagas/..%2f..%2fetc%2fpasswd",
            "/sagas/a%2fb",
            "/sagas/a%2Fhistory",
            "/sagas/%2f",
            "/sagas/%00",
            "/sagas/a%00b",
            "/sagas/%c0%af",
            "/sagas/%c0%80",
            "/sagas/%e0%80%af",
            "/sagas/%ed%a0%80",
            "/sagas/%ff",
            "/sagas/%f4%90%80%80",
            "/sagas/%",
            "/sagas/%zz",
            "/sagas/%2",
            "/sagas/%25%32%65",
            "//sagas/x",
            "/sagas//x",
            "/sagas///",
            "///",
            "/sagas/;a=b",
            "/sagas/x;a=b",
            "/sagas;x/y",
            "/sagas/x/;history",
            "/sagas/x/history;v=1",
            "/sagas/x//history",
            "/sagas/%20",
            "/sagas/%09",
            "/sagas/%0d%0aX-Injected:%20yes",
            "/sagas/x%0a",
            "/sagas/caf%c3%a9",
            "/sagas/%f0%9f%98%80",
            "/sagas/%e2%80%ae",
            "/sagas/%ef%bc%8e",
            "/sagas/x%cc%88",
            "/sagas/%ef%bb%bf",
            "/%73agas/%78%20",
            "/%C5%BFagas/order",
            "/SAGAS/no-such-saga",
            "/sagas/\\..\\..",
            "/sagas/<script>alert(1)</script>",
            "/sagas/'--",
            "/sagas/{id}",
            "/sagas/*",
            "/sagas/$(id)",
            "/sagas/~",
            "/openapi/../sagas/x",
            "/openapi/v2.json",
            "/openapi/..%2f..%2fappsettings.json",
            "/appsettings.json",
            "/.git/config",
            "/favicon.ico",
            "/shop/books/%00",
            "/shop/books/%ff",
            "/shop/books/" + new string('x', 10_000),
            "/shop/..",
            "/health/ready/x",
            "/sagas/x/events/",
            "/sagas/x/events/y",
            "/" + new string('/', 10_000),
            "/sagas/" + new string('a', 30_000),
            "/sagas/" + string.Concat(Enumerable.Repeat("%41", 10_000)),
            "/sagas/" + string.Concat(Enumerable.Repeat("%f0%9f%98%80", 50)),
            "/sagas/a" + string.Concat(Enumerable.Repeat("%f0%9f%98%80", 60)),
            string.Concat(Enumerable.Repeat("/a", 10_000)),
            "/sagas/x#y",
        ];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Request_WithATrickyPath_IsRefused(string path)
    {
        foreach (
            var request in (byte[][])
                [
                    Request.Get(path),
                    Request.Post(path, HostileSilo.Order()),
                    Request.Post(path + "/cancel", "{}"u8),
                    Request.Head("DELETE", path, ""),
                ]
        )
        {
            var answer = await Silo.AskAsync(request);
            Assert.True(answer?.Status is null or (>= 400 and < 500), $"{answer}");
            Assert.False(answer?.Headers.ContainsKey("x-injected") == true, "A header was injected.");
        }
    }

    /// <summary>What is another way to write a good path is that path.</summary>
    [Theory]
    [InlineData("/sagas/order/")]
    [InlineData("/SaGaS/order")]
    [InlineData("/%73agas/%6frder")]
    [InlineData("/x/../sagas/order")]
    [InlineData("/sagas/./order")]
    [InlineData("http://localhost/sagas/order")]
    [InlineData("/sagas/order?")]
    public async Task Start_ByAnotherSpelling_IsAcceptedAndItsLocationIsThere(string target)
    {
        var answer = await Silo.AskAsync(Request.Start(HostileSilo.Order(), target: target));
        Assert.Equal(202, answer?.Status);
        Assert.Equal(200, (await Silo.AskAsync(Request.Get(answer!.Headers["location"])))?.Status);
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    [InlineData("TRACE")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("CONNECT")]
    [InlineData("PROPFIND")]
    [InlineData("DANCE")]
    [InlineData("M-SEARCH")]
    [InlineData("!#$%&'*+-.^_`|~")]
    [InlineData("AVERBTHATISMUCHTOOLONGFORANYBODYTOREADITALLANDGOESONANDONANDONANDON")]
    public async Task Request_WithAnotherMethod_IsNotAllowed(string method)
    {
        foreach (var target in (string[])["/sagas", "/sagas/order", "/sagas/x/history", "/sagas/x/cancel", "/health/live"])
        {
            var answer = await Silo.AskAsync(Request.Head(method, target, "Connection: close\r\n"), isHead: method == "HEAD");
            Assert.True(answer?.Status is 400 or 405 or 501, $"{method} {target}: {answer}");
        }
    }

    [Theory]
    [InlineData("CONNECT localhost:5080 HTTP/1.1\r\nHost: localhost:5080\r\n\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")]
    [InlineData("GET * HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET http://evil.example/sagas HTTP/1.1\r\nHost: evil.example\r\n\r\n")]
    [InlineData("GET http://localhost/sagas HTTP/1.1\r\nHost: evil.example\r\n\r\n")]
    [InlineData("GET http://evil.example/sagas HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET http://user:pass@localhost/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET file:///etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /sagas/x HTTP/1.1\r\n\r\n")]
    [InlineData("GET /sagas/x HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /sagas/x HTTP/1.1\r\nHost: \r\n\r\n")]
    [InlineData("GET /sagas/x HTTP/1.1\r\nHost: local host\r\n\r\n")]
    [InlineData("GET /sagas/x HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n")]
    [InlineData("GET /sagas/x HTTP/1.1\r\nHost: 127.0.0.1.evil.example:80\r\n\r\n")]
    [InlineData("GET /sagas/x HTTP/1.1\r\nHost: [::1]:99999\r\n\r\n")]
    [InlineData("GET /sagas/x HTTP/1.1\r\nHost: localhost:http\r\n\r\n")]
    [InlineData("GET /sagas/x HTTP/1.1\r\nHost: evil.localhost:80@localhost\r\n\r\n")]
    [InlineData("GET sagas HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET  /sagas HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /sagas HTTP/2.0\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /sagas HTTP/1.9\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /sagas HTTP/9.9\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /sagas HTTP/0.9\r\n\r\n")]
    [InlineData("GET /sagas\r\n\r\n")]
    [InlineData("GET /sagas http/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /sag\0as HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /sagas\u00e9 HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003")]
    [InlineData("\r\n\r\n\r\n\r\n")]
    public async Task Request_WithAnOddLine_IsRefused(string request)
    {
        using var connection = await Silo.ConnectAsync();
        await connection.SendAsync(request);
        connection.EndSending();
        var answer = Silo.Checked(await connection.ReadAsync(), System.Text.Encoding.Latin1.GetBytes(request));
        Assert.True(answer?.Status is null or (>= 400 and < 500) or 505, $"{answer}");
    }
}
