using Microsoft.AspNetCore.Http;
using OrleansSagas.Silo.Access;

namespace OrleansSagas.Http.Tests.Access;

public sealed class LoopbackGuardTests
{
    [Theory]
    [InlineData("localhost:5080", null)]
    [InlineData("127.0.0.1", null)]
    [InlineData("[::1]:5080", null)]
    [InlineData("evil.example:5080", 421)]
    [InlineData("localhost.evil.example", 421)]
    [InlineData("192.168.1.2", 421)]
    [InlineData("", 421)]
    public void Refusal_WhenTheHostIsNotThisMachine_IsMisdirected(string host, int? status) =>
        Assert.Equal(status, LoopbackGuard.Refusal(Request("GET", host))?.Status);

    [Theory]
    [InlineData("POST", "http://evil.example", null, 403)]
    [InlineData("POST", "null", null, 403)]
    [InlineData("POST", "http://localhost:9999", null, 403)]
    [InlineData("POST", null, "cross-site", 403)]
    [InlineData("POST", null, "same-site", 403)]
    [InlineData("POST", "http://localhost:5080", "same-origin", null)]
    [InlineData("POST", null, "none", null)]
    [InlineData("POST", null, null, null)]
    [InlineData("GET", "http://evil.example", "cross-site", null)]
    public void Refusal_WhenAnotherOriginWrites_IsForbidden(string method, string? origin, string? site, int? status)
    {
        var request = Request(method, "localhost:5080");
        if (origin is not null)
            request.Headers.Origin = origin;
        if (site is not null)
            request.Headers["Sec-Fetch-Site"] = site;
        Assert.Equal(status, LoopbackGuard.Refusal(request)?.Status);
    }

    private static HttpRequest Request(string method, string host)
    {
        var request = new DefaultHttpContext().Request;
        (request.Method, request.Scheme, request.Host) = (method, "http", new HostString(host));
        return request;
    }
}
