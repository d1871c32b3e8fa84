using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrleansSagas.Http.Events;

/// <summary>Writes server-sent events as the HTML standard has them.</summary>
internal static class EventStreamFormat
{
    /// <summary>What an entry has beside what it says and the saga's data: more than its names, times and ids.</summary>
    private const int Frame = 2 * 1024;

    private const int FieldSize = 7;

    /// <summary>A comment: it keeps what is between the caller and us from closing a quiet stream.</summary>
    public static ReadOnlySpan<byte> Heartbeat => ":\n\n"u8;

    /// <summary>About as many bytes as an entry takes: each line of the caller's JSON becomes a field.</summary>
    public static int SizeOf(SagaHistoryEntry entry) => Frame + SizeOf(entry.Body) + (entry.Data is { } data ? SizeOf(data) : 0);

    public static void Write(IBufferWriter<byte> output, SagaHistoryEntry entry)
    {
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {entry.Revision}\nevent: {entry.Event}\n"), output);
        WriteData(output, JsonSerializer.SerializeToUtf8Bytes(entry, SagaJsonContext.Default.SagaHistoryEntry));
        output.Write("\n"u8);
    }

    /// <summary>The caller's own JSON is passed on as it came and may have line breaks: each line is a field of its own.</summary>
    internal static void WriteData(IBufferWriter<byte> output, ReadOnlySpan<byte> data)
    {
        while (true)
        {
            var end = data.IndexOfAny((byte)'\r', (byte)'\n');
            output.Write("data: "u8);
            output.Write(end < 0 ? data : data[..end]);
            output.Write("\n"u8);
            if (end < 0)
                return;
            var next = data[end] == '\r' && end + 1 < data.Length && data[end + 1] == '\n' ? end + 2 : end + 1;
            data = data[next..];
        }
    }

    private static int SizeOf(SagaData data)
    {
        var json = data.Utf8Json.Span;
        return json.Length + (FieldSize * (json.Count((byte)'\n') + json.Count((byte)'\r')));
    }
}
