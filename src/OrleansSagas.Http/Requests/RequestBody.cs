using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace OrleansSagas.Http.Requests;

/// <summary>Reads a body into one array of its size.</summary>
internal static class RequestBody
{
    private const int FirstCapacity = 32 * 1024;

    /// <summary>The body; null when it has more than <paramref name="limit"/> bytes. No more memory is taken than twice what was sent, whatever the length that was announced.</summary>
    /// <exception cref="BadHttpRequestException">The caller stopped sending before the end, or chunked it wrongly.</exception>
    public static async ValueTask<byte[]?> ReadAsync(HttpRequest request, int limit)
    {
        var announced = request.ContentLength;
        if (announced > limit)
            return null;
        if (announced == 0)
            return [];

        var most = (int)(announced ?? limit);
        var bytes = GC.AllocateUninitializedArray<byte>(Math.Min(most, FirstCapacity));
        var count = 0;
        var reader = request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync();
            var part = result.Buffer;
            if (part.Length > most - count)
            {
                reader.AdvanceTo(part.End);
                return null;
            }
            var needed = count + (int)part.Length;
            if (needed > bytes.Length)
                Array.Resize(ref bytes, (int)Math.Min(most, Math.Max(needed, 2L * bytes.Length)));
            part.CopyTo(bytes.AsSpan(count));
            count = needed;
            reader.AdvanceTo(part.End);
            if (result.IsCompleted || count == announced)
                break;
        }

        if (count != bytes.Length)
            Array.Resize(ref bytes, count);
        return bytes;
    }
}
