using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansSagas.Http.Problems;

namespace OrleansSagas.Http.Requests;

/// <summary>
/// Reads a body into one array of its size. Those that are large share a room, and must be out of it in time: whoever sends a part and then
/// nothing would else hold memory as long as they like.
/// </summary>
internal sealed class BodyReader(ByteBudget room, IOptions<SagaHttpOptions> options, TimeProvider clock)
{
    /// <summary>So much of each body needs no room: the number of connections bounds it.</summary>
    private const int Small = 32 * 1024;

    /// <summary>
    /// The body; or a problem, also where the caller stopped before the end, chunked it wrongly, or took too long. No more memory is taken
    /// than twice what was sent, whatever the length that was announced.
    /// </summary>
    public async ValueTask<BodyRead> ReadAsync(HttpRequest request)
    {
        var (announced, limit) = (request.ContentLength, options.Value.MaxBodyBytes);
        if (announced > limit)
            return new([], Problem.TooLarge(limit));
        if (announced == 0)
            return new([]);

        var most = (int)(announced ?? limit);
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
                    return Refused(reader, part, Problem.TooLarge(limit));
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
                        options.Value.LargeTimeout,
                        Timeout.InfiniteTimeSpan
                    );
                    Array.Resize(ref bytes, bytes.Length + more);
                }
                part.CopyTo(bytes.AsSpan(count));
                count = needed;
                reader.AdvanceTo(part.End);
                if (result.IsCanceled)
                    return new([], Problem.TooSlow());
                if (result.IsCompleted || count == announced)
                    break;
            }
        }
        catch (BadHttpRequestException failure)
        {
            return new([], Problem.OfBadRequest(failure, request));
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            // The server below us says so where a chunk's size has too many digits; else the caller is gone.
            return new([], Problem.InvalidRequest("The body could not be read: it is not chunked as it should be, or broke off."));
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
