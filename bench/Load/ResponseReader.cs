using System.Buffers;
using System.Buffers.Text;

namespace OrleansSagas.Bench.Load;

/// <summary>
/// Finds the end of one HTTP/1.1 response in what has arrived, and its status and body. Reads no more of the head than that needs.
/// </summary>
internal sealed class ResponseReader : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
    private int _filled;
    private int _bodyAt;
    private int _contentLength;

    // While chunked: where the next chunk's size line begins, and where its data is to be moved to.
    private bool _chunked;
    private int _chunkAt;
    private int _bodyEnd;

    /// <summary>The status of the response that was read.</summary>
    public int Status { get; private set; }

    /// <summary>The body of the response that was read, without its chunks' frames.</summary>
    public ReadOnlySpan<byte> Body => _buffer.AsSpan(_bodyAt, _bodyEnd - _bodyAt);

    /// <summary>Where the next bytes from the connection go; never empty.</summary>
    public Memory<byte> Free
    {
        get
        {
            if (_filled == _buffer.Length)
                Grow();
            return _buffer.AsMemory(_filled);
        }
    }

    /// <summary>Forgets the response that was read.</summary>
    public void Reset()
    {
        _filled = 0;
        _bodyAt = 0;
        _bodyEnd = 0;
    }

    /// <summary>Takes the next <paramref name="count"/> bytes; true when the response is whole.</summary>
    /// <exception cref="InvalidDataException">What came is no response that this reader knows.</exception>
    public bool Take(int count)
    {
        _filled += count;
        if (_bodyAt == 0 && !ReadHead())
            return false;
        if (_chunked)
            return ReadChunks();
        _bodyEnd = _bodyAt + _contentLength;
        return _filled >= _bodyEnd;
    }

    /// <inheritdoc />
    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private bool ReadHead()
    {
        var arrived = _buffer.AsSpan(0, _filled);
        var end = arrived.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;
        var head = arrived[..(end + 2)];
        if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[9..], out int status, out _))
            throw new InvalidDataException("The answer does not begin with an HTTP/1.1 status line.");
        Status = status;
        _bodyAt = end + 4;
        ReadFraming(head);
        return true;
    }

    private void ReadFraming(ReadOnlySpan<byte> head)
    {
        _chunked = false;
        _contentLength = -1;
        for (var rest = head[(head.IndexOf((byte)'\n') + 1)..]; !rest.IsEmpty; rest = rest[(rest.IndexOf((byte)'\n') + 1)..])
        {
            if (Named(rest, "Content-Length:"u8, out var value) && Utf8Parser.TryParse(value.TrimStart((byte)' '), out int length, out _))
                _contentLength = length;
            else if (Named(rest, "Transfer-Encoding:"u8, out _))
                _chunked = true;
        }

        if (!_chunked && _contentLength < 0)
            throw new InvalidDataException($"The answer (status {Status}) has neither a Content-Length nor chunks.");
        _chunkAt = _bodyAt;
        _bodyEnd = _bodyAt;
    }

    private static bool Named(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = line.Length > name.Length ? line[name.Length..] : default;
        return line.Length > name.Length && System.Text.Ascii.EqualsIgnoreCase(line[..name.Length], name);
    }

    /// <summary>Moves each whole chunk down to the end of the body, so that the body is in one piece.</summary>
    private bool ReadChunks()
    {
        while (true)
        {
            var rest = _buffer.AsSpan(_chunkAt, _filled - _chunkAt);
            var line = rest.IndexOf("\r\n"u8);
            if (line < 0)
                return false;
            if (!Utf8Parser.TryParse(rest[..line], out int size, out _, 'X'))
                throw new InvalidDataException("A chunk of the answer has no size.");
            if (rest.Length < line + 2 + size + 2)
                return false;
            if (size == 0)
                return true;
            rest.Slice(line + 2, size).CopyTo(_buffer.AsSpan(_bodyEnd));
            _bodyEnd += size;
            _chunkAt += line + 2 + size + 2;
        }
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
