using System.Net.Sockets;
using System.Text;

namespace OrleansSagas.Http.Tests.Endpoints;

/// <summary>What no well-behaved client sends.</summary>
public sealed class RawRequestTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    [Theory]
    [InlineData("zz")]
    [InlineData("ffffffffffffffff1")]
    public async Task Start_WhenChunkedWrongly_IsAProblem(string size)
    {
        var answer = await SendAsync(
            "POST /sagas/order HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: "
                + $"chunked\r\n\r\n{size}\r\n"
        );
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Contains(SagaProblems.InvalidRequest, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WhenTheCallerHangsUpInTheBody_StartsNothing()
    {
        using (var connection = await ConnectAsync())
            await connection
                .GetStream()
                .WriteAsync(
                    Encoding.ASCII.GetBytes(
                        "POST /sagas/order?id=half HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                            + "500\r\n\r\n"
                            + SiloFixture.Order()
                    )
                );
        using var after = await silo.StartAsync(prefer: "wait=20");
        await ProblemAssert.IsAsync(await silo.GetAsync("/sagas/half"), System.Net.HttpStatusCode.NotFound, SagaProblems.SagaNotFound);
    }

    private async Task<string> SendAsync(string request)
    {
        using var connection = await ConnectAsync();
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(deadline.Token);
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(silo.Client.BaseAddress!.Host, silo.Client.BaseAddress.Port);
        return connection;
    }
}
