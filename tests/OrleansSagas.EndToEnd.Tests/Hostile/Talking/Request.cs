using System.Globalization;
using System.Text;

namespace OrleansSagas.EndToEnd.Tests.Hostile.Talking;

/// <summary>Requests as bytes.</summary>
internal static class Request
{
    public const string Json = "Content-Type: application/json\r\n";

    /// <summary>A start of an order with a body of known length.</summary>
    public static byte[] Start(ReadOnlySpan<byte> body, string headers = Json, string target = "/sagas/order") =>
        Post(target, body, headers);

    public static byte[] Post(string target, ReadOnlySpan<byte> body, string headers = Json) =>
        [.. Head("POST", target, headers + string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n")), .. body];

    public static byte[] Get(string target, string headers = "") => Head("GET", target, headers);

    /// <summary>A request line and headers; each header ends with its line break.</summary>
    public static byte[] Head(string method, string target, string headers) =>
        Encoding.Latin1.GetBytes($"{method} {target} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");

    public static byte[] Chunk(ReadOnlySpan<byte> bytes) =>
        [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{bytes.Length:x}\r\n")), .. bytes, .. "\r\n"u8];
}
