using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Tests.Requests;

public sealed class BodyReaderTests
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
        var read = await Reader().ReadAsync(Request(sent, announced));
        Assert.Null(read.Problem);
        Assert.Equal(sent, read.Bytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReadAsync_WhenOverTheLimit_IsTooLarge(bool announced) =>
        Assert.Equal(413, (await Reader().ReadAsync(Request(Bytes(100_001), announced))).Problem?.Status);

    [Fact]
    public async Task ReadAsync_WhenLargeOnesTakeAllTheRoom_TakesSmallOnesOnly()
    {
        var reader = Reader();
        var stalled = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var first = reader.ReadAsync(Request(stalled.Reader.AsStream(), null)).AsTask();
        await stalled.Writer.WriteAsync(Bytes(90_000));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await reader.ReadAsync(Request(Bytes(70_000), announced: false))).Problem is not { Status: 503 })
            await Task.Delay(1, patience.Token);
        Assert.Null((await reader.ReadAsync(Request(Bytes(32_000), announced: false))).Problem);

        await stalled.Writer.CompleteAsync();
        Assert.Equal(Bytes(90_000), (await first.WaitAsync(patience.Token)).Bytes);
        Assert.Null((await reader.ReadAsync(Request(Bytes(100_000), announced: false))).Problem);
    }

    [Fact]
    public async Task ReadAsync_WhenALargeOneTakesTooLong_GivesItUpAndItsRoom()
    {
        var reader = Reader(TimeSpan.FromMilliseconds(100));
        var stalled = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await stalled.Writer.WriteAsync(Bytes(90_000));
        var late = await reader.ReadAsync(Request(stalled.Reader.AsStream(), null)).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(408, late.Problem?.Status);
        Assert.Null((await reader.ReadAsync(Request(Bytes(100_000), announced: false))).Problem);
    }

    [Theory]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(OperationCanceledException))]
    public async Task ReadAsync_WhenTheBodyBreaksOff_IsAProblemAndGivesItsRoomBack(Type failure)
    {
        var reader = Reader();
        var broken = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await broken.Writer.WriteAsync(Bytes(90_000));
        await broken.Writer.CompleteAsync((Exception)Activator.CreateInstance(failure)!);
        Assert.Equal(400, (await reader.ReadAsync(Request(broken.Reader.AsStream(), null))).Problem?.Status);
        Assert.Null((await reader.ReadAsync(Request(Bytes(100_000), announced: false))).Problem);
    }

    private static BodyReader Reader(TimeSpan? timeout = null) =>
        new(
            new ByteBudget(100_000),
            Options.Create(new SagaHttpOptions { MaxBodyBytes = 100_000, LargeTimeout = timeout ?? TimeSpan.FromSeconds(30) }),
            TimeProvider.System
        );

    private static HttpRequest Request(byte[] body, bool announced) => Request(new MemoryStream(body), announced ? body.Length : null);

    private static HttpRequest Request(Stream body, int? announced)
    {
        var request = new DefaultHttpContext().Request;
        request.Body = body;
        request.ContentLength = announced;
        return request;
    }

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)i)];
}
