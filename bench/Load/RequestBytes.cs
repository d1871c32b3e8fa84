using System.Buffers.Text;
using System.Diagnostics;
using System.Text;

namespace OrleansSagas.Bench.Load;

/// <summary>One connection's request, made once; per request only the number in its Idempotency-Key is written anew.</summary>
internal sealed class RequestBytes
{
    private const int Digits = 12;
    private readonly byte[] _bytes;
    private readonly int _numberAt;
    private long _number;

    /// <summary>Makes the request of the connection <paramref name="name"/>, which must be unique in the run.</summary>
    public RequestBytes(LoadTarget target, string name)
    {
        var number = new string('0', Digits);
        var head = $"POST {target.Path} HTTP/1.1\r\n"
            + $"Host: {target.Address.Authority}\r\n"
            + "Content-Type: application/json\r\n"
            + $"Content-Length: {target.Body.Length}\r\n"
            + "Prefer: wait=30\r\n"
            + $"Idempotency-Key: \"{name}-{number}\"\r\n\r\n";
        _numberAt = head.IndexOf(number + "\"", StringComparison.Ordinal);
        _bytes = [.. Encoding.ASCII.GetBytes(head), .. target.Body.Span];
    }

    /// <summary>The bytes of the next request, valid until the next call.</summary>
    public Memory<byte> Next()
    {
        var written = Utf8Formatter.TryFormat(++_number, _bytes.AsSpan(_numberAt, Digits), out var length, new('D', Digits));
        Debug.Assert(written && length == Digits, "The number has a fixed width.");
        return _bytes;
    }
}
