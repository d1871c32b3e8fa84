using System.Buffers.Text;
using System.Diagnostics;
using System.Text;

namespace OrleansSagas.Bench.Load;

/// <summary>One connection's request, made once; per request only the time and the number in its Idempotency-Key are written anew.
/// Keys begin with the time, as those of the client SDK do: a store that keeps them in order writes few pages then.</summary>
internal sealed class RequestBytes
{
    private const int TimeDigits = 13;
    private const int NumberDigits = 10;
    private readonly byte[] _bytes;
    private readonly int _timeAt;
    private readonly int _numberAt;
    private long _number;

    /// <summary>Makes the request of the connection <paramref name="name"/>, which must be unique in the run.</summary>
    public RequestBytes(LoadTarget target, string name)
    {
        var (time, number) = (new string('0', TimeDigits), new string('0', NumberDigits));
        var head =
            $"POST {target.Path} HTTP/1.1\r\n"
            + $"Host: {target.Address.Authority}\r\n"
            + "Content-Type: application/json\r\n"
            + $"Content-Length: {target.Body.Length}\r\n"
            + "Prefer: wait=30\r\n"
            + $"Idempotency-Key: \"{time}-{name}-{number}\"\r\n\r\n";
        _timeAt = head.IndexOf($"\"{time}-", StringComparison.Ordinal) + 1;
        _numberAt = head.IndexOf($"-{number}\"", StringComparison.Ordinal) + 1;
        _bytes = [.. Encoding.ASCII.GetBytes(head), .. target.Body.Span];
    }

    /// <summary>The bytes of the next request, valid until the next call.</summary>
    public Memory<byte> Next()
    {
        Write(_timeAt, TimeDigits, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        Write(_numberAt, NumberDigits, ++_number);
        return _bytes;
    }

    private void Write(int at, int digits, long number)
    {
        var written = Utf8Formatter.TryFormat(number, _bytes.AsSpan(at, digits), out var length, new('D', (byte)digits));
        Debug.Assert(written && length == digits, "The number has a fixed width.");
    }
}
