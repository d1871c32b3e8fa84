using Microsoft.AspNetCore.Http;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Tests.Requests;

public sealed class RequestBodyTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(1, false)]
    [InlineData(40_000, true)]
    [InlineData(40_000, false)]
    [InlineData(100_000, true)]
    [InlineData(100_000, false)]
    public async Task ReadAsync_WhenWithinTheLimit_IsExactlyWhatWasSent(int length, bool announced)
    {
        var sent = Bytes(length);
        Assert.Equal(sent, await RequestBody.ReadAsync(Request(sent, announced), 100_000));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReadAsync_WhenOverTheLimit_IsNull(bool announced) =>
        Assert.Null(await RequestBody.ReadAsync(Request(Bytes(100_001), announced), 100_000));

    private static HttpRequest Request(byte[] body, bool announced)
    {
        var request = new DefaultHttpContext().Request;
        request.Body = new MemoryStream(body);
        request.ContentLength = announced ? body.Length : null;
        return request;
    }

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)i)];
}
