using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Http.Requests;

/// <summary>
/// Reads a body into one array of its size. Those that are large share a room, and must be out of it in time: whoever sends a part and then
/// nothing would else hold memory as long as they like.
/// </summary>
internal sealed class BodyReader(ByteBudget room, SagaHttpOptions options, TimeProvider clock)
{
    /// <summary>So much of each body needs no room: the number of connections bounds it.</summary>
    private const int Small = 32 * 1024;

    /// <summary>The body. No more memory is taken than twice what was sent, whatever the length that was announced.</summary>
    /// <exception cref="BadHttpRequestException">
    /// The caller stopped sending before the end, chunked it wrongly, or took too long.
    /// </exception>
    public async ValueTask<BodyRead> ReadAsync(HttpRequest request)
    {
        var announced = request.ContentLength;
        if (announced > options.MaxBodyBytes)
            return new([], Problem.TooLarge(options.MaxBodyBytes));
        if (announced == 0)
            return new([]);

        var most = (int)(announced ?? options.MaxBodyBytes);
        var bytes = GC.AllocateUninitializedArray<byte>(Math.Min(most, Small));
        var count = 0;
        var taken = 0;
        var reader = request.BodyReader;
        ITimer? late = null;
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync();
                var part = result.Buffer;
                if (part.Length > most - count)
                    return Refused(reader, part, Problem.TooLarge(options.MaxBodyBytes));
                var needed = count + (int)part.Length;
                if (needed > bytes.Length)
                {
                    var more = (int)Math.Min(most, Math.Max(needed, 2L * bytes.Length)) - bytes.Length;
                    if (!room.TryTake(more))
                        return Refused(
                            reader,
                            part,
                            Problem.Overloaded(
                                "Too many large bodies are arriving",
                                "The room for bodies that arrive is taken. Try again, with the same Idempotency-Key."
                            )
                        );
                    taken += more;
                    // A read that a token ended would leave the server below us unable to go on after this body.
                    late ??= clock.CreateTimer(
                        static late => ((PipeReader)late!).CancelPendingRead(),
                        reader,
                        options.LargeTimeout,
                        Timeout.InfiniteTimeSpan
                    );
                    Array.Resize(ref bytes, bytes.Length + more);
                }
                part.CopyTo(bytes.AsSpan(count));
                count = needed;
                reader.AdvanceTo(part.End);
                if (result.IsCanceled)
                    throw new BadHttpRequestException("The body took too long.", StatusCodes.Status408RequestTimeout);
                if (result.IsCompleted || count == announced)
                    break;
            }
        }
        catch (IOException failure) when (failure is not BadHttpRequestException)
        {
            // The server below us says so where a chunk's size has too many digits.
            throw new BadHttpRequestException("The body could not be read: it is not chunked as it should be, or broke off.", failure);
        }
        finally
        {
            room.Return(taken);
            if (late is not null)
                await late.DisposeAsync();
        }

        if (count != bytes.Length)
            Array.Resize(ref bytes, count);
        return new(bytes);
    }

    private static BodyRead Refused(PipeReader reader, ReadOnlySequence<byte> part, SagaProblem problem)
    {
        reader.AdvanceTo(part.End);
        return new([], problem);
    }
}
