using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace OrleansSagas.Http;

/// <summary>Sends what is large in parts, each of which must leave in time. The server below us has a least number of bytes per second, and
/// would wait hours for a caller who reads nothing of some megabytes.</summary>
internal sealed class LargeResponseWriter(ByteBudget room, IOptions<SagaHttpOptions> options, TimeProvider clock)
{
    /// <summary>What has more than this is large, in bytes.</summary>
    public const int Small = 64 * 1024;

    /// <summary>Keeps room for an answer; false if there is none. Whoever enters writes, and so leaves.</summary>
    public bool TryEnter(int bytes) => room.TryTake(bytes);

    /// <summary>Sends <paramref name="bytes"/>, for which there is room, and gives the room back.</summary>
    public async ValueTask WriteAsync(HttpContext context, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            for (
                var rest = bytes;
                rest.Length > 0 && !context.RequestAborted.IsCancellationRequested;
                rest = rest[Math.Min(rest.Length, Small)..]
            )
                await WritePartAsync(context, rest[..Math.Min(rest.Length, Small)]);
        }
        finally
        {
            room.Return(bytes.Length);
        }
    }

    private async ValueTask WritePartAsync(HttpContext context, ReadOnlyMemory<byte> part)
    {
        var written = context.Response.BodyWriter.WriteAsync(part);
        if (written.IsCompletedSuccessfully)
            return;
        var leaving = written.AsTask();
        try
        {
            await leaving.WaitAsync(options.Value.LargeTimeout, clock);
        }
        catch (TimeoutException)
        {
            context.Abort();
            await leaving;
        }
    }
}
