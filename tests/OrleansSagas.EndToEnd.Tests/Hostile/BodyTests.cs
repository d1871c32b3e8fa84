using System.IO.Compression;
using System.Text;
using OrleansSagas.EndToEnd.Tests.Hostile.Talking;

namespace OrleansSagas.EndToEnd.Tests.Hostile;

/// <summary>Bodies that no client of ours sends.</summary>
public sealed class BodyTests(HostileSilo silo) : HostileTests(silo)
{
    private const int Mebibyte = 1 << 20;

    private static readonly byte[] Utf8Mark = [0xEF, 0xBB, 0xBF];

    public static TheoryData<string> Bad => [.. BadBodies.Keys];

    public static TheoryData<string> Good => [.. GoodBodies.Keys];

    private static Dictionary<string, byte[]> BadBodies { get; } =
        new()
        {
            ["UTF-8 with a byte order mark"] = [.. Utf8Mark, .. HostileSilo.Order()],
            ["UTF-16 little endian"] = Encoding.Unicode.GetBytes(Text()),
            ["UTF-16 little endian with a mark"] = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Text())],
            ["UTF-16 big endian"] = Encoding.BigEndianUnicode.GetBytes(Text()),
            ["UTF-16 big endian with a mark"] = [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(Text())],
            ["UTF-32"] = Encoding.UTF32.GetBytes(Text()),
            ["UTF-32 with a mark"] = [.. Encoding.UTF32.GetPreamble(), .. Encoding.UTF32.GetBytes(Text())],
            ["UTF-7"] = Encoding.ASCII.GetBytes("+AHsAIgBhACIAOgAxAH0-"),
            ["a NUL before"] = [0, .. HostileSilo.Order()],
            ["a NUL behind"] = [.. HostileSilo.Order(), 0],
            ["many NULs"] = new byte[10_000],
            ["all bytes"] = [.. Enumerable.Range(0, 256).Select(one => (byte)one)],
            ["a comment"] = Bytes("""{"customer":"ada"/* why not */}"""),
            ["a comment behind"] = [.. HostileSilo.Order(), .. "// why not"u8],
            ["a trailing comma"] = Bytes("""{"customer":"ada",}"""),
            ["data behind"] = [.. HostileSilo.Order(), .. HostileSilo.Order()],
            ["single quotes"] = Bytes("{'customer':'ada'}"),
            ["a name without quotes"] = Bytes("{customer:1}"),
            ["a duplicate name"] = HostileSilo.Order("\"quantity\":2"),
            ["a duplicate name in other letters"] = HostileSilo.Order("\"QUANTITY\":2"),
            ["a duplicate name as an escape"] = HostileSilo.Order("\"\\u0071uantity\":2"),
            ["a control character in a text"] = Bytes("{\"customer\":\"a\u0001b\"}"),
            ["a line break in a text"] = Bytes("{\"customer\":\"a\nb\"}"),
            ["infinity"] = Bytes("""{"total":Infinity}"""),
            ["NaN"] = Bytes("""{"total":NaN}"""),
            ["1e999"] = Bytes("""{"total":1e999}"""),
            ["-1e999"] = Bytes("""{"quantity":-1e999}"""),
            ["a million digits"] = Bytes($$"""{"quantity":{{new string('9', 1_000_000)}}}"""),
            ["a leading zero"] = Bytes("""{"quantity":01}"""),
            ["a hexadecimal number"] = Bytes("""{"quantity":0x1}"""),
            ["a fraction for a whole number"] = Bytes("""{"quantity":1.5}"""),
            ["depth 61"] = Deep(61),
            ["depth 64"] = Deep(64),
            ["depth 1,000"] = Deep(1_000),
            ["depth 10,000"] = Deep(10_000),
            ["depth 100,000"] = Deep(100_000),
            ["depth 100,000 without an end"] = Deep(100_000)[..200_000],
            ["depth of objects"] = HostileSilo.Order(
                $"\"x\":{string.Concat(Enumerable.Repeat("{\"a\":", 1_000))}1{new string('}', 1_000)}"
            ),
        };

    private static Dictionary<string, byte[]> GoodBodies { get; } =
        new()
        {
            ["depth 10"] = Deep(10),
            ["depth 60"] = Deep(60),
            ["much space"] = [.. HostileSilo.Order(), .. Enumerable.Repeat((byte)' ', 500_000)],
            ["NUL as an escape"] = Bytes("""{"customer":"ada","card":"\u0000","item":"teapot","quantity":1,"total":1}"""),
            ["a NUL in a tag"] = Bytes("""{"customer":"a\u0000b","card":"1","item":"teapot","quantity":1,"total":1}"""),
            ["line separators"] = HostileSilo.Order("\"x\":\"\u2028\u2029\u0085\ufeff\uffff\\u2028\""),
            ["line breaks"] = Bytes(Text().Replace(",", ",\r\n\r\n\r", StringComparison.Ordinal)),
            ["numbers that nobody reads"] = HostileSilo.Order("\"x\":[1e999,-1e999,1e-999,123456789012345678901234567890]"),
            ["names that nobody should use"] = HostileSilo.Order(
                "\"__proto__\":{\"a\":1},\"$type\":\"System.Object, mscorlib\",\"$id\":\"1\",\"$ref\":\"1\",\"\":1"
            ),
            ["100,000 members"] = HostileSilo.Order(
                $"\"x\":{{{string.Join(',', Enumerable.Range(0, 60_000).Select(one => $"\"m{one}\":1"))}}}"
            ),
            ["the smallest price"] = Bytes("""{"customer":"ada","card":"1","item":"teapot","quantity":1,"total":1e-2}"""),
            ["the greatest decimal"] = Bytes(
                """{"customer":"ada","card":"1","item":"teapot","quantity":1,"total":79228162514264337593543950335}"""
            ),
            ["the greatest quantity"] = Bytes("""{"customer":"ada","card":"1","item":"teapot","quantity":2147483647,"total":1}"""),
            ["receipts that are not theirs"] = HostileSilo.Order("\"holdId\":\"x\",\"chargeId\":\"y\",\"shipmentId\":\"z\""),
            ["an item that is money"] = Bytes("""{"customer":"ada","card":"1","item":"money","quantity":1,"total":1}"""),
            ["a customer that is an account"] = Bytes("""{"customer":"revenue","card":"1","item":"teapot","quantity":1,"total":1}"""),
            ["as large as allowed"] = Padded(Mebibyte),
        };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Start_WithABadBody_IsRefused(string what) =>
        Assert.Equal(400, (await Silo.AskAsync(Request.Start(BadBodies[what])))?.Status);

    [Theory]
    [MemberData(nameof(Good))]
    public async Task Start_WithAnOddBody_RunsAndCanBeRead(string what)
    {
        Assert.Equal(202, (await Silo.AskAsync(Request.Start(GoodBodies[what])))?.Status);
        await Silo.ReadAllAsync();
    }

    [Theory]
    [InlineData("application/json;charset=UTF-8", 202)]
    [InlineData("application/json ; charset=\"utf-8\"", 202)]
    [InlineData("APPLICATION/JSON", 202)]
    [InlineData("application/json; charset=utf-16", 415)]
    [InlineData("application/json; charset=iso-8859-1", 415)]
    [InlineData("application/json; charset=", 415)]
    [InlineData("application/json, application/json", 415)]
    [InlineData("application/jsonx", 415)]
    [InlineData("application/vnd.api+json", 415)]
    [InlineData("text/json", 415)]
    [InlineData("multipart/form-data; boundary=x", 415)]
    [InlineData("*/*", 415)]
    [InlineData(";", 415)]
    [InlineData("", 415)]
    [InlineData("application/json\u00a0", 415)]
    public async Task Start_WithAContentType_IsJudgedByIt(string type, int status) =>
        Assert.Contains(
            (await Silo.AskAsync(Request.Start(HostileSilo.Order(), $"Content-Type: {type}\r\n")))?.Status,
            status == 415 ? (int?[])[415, 400] : [status]
        );

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate, gzip")]
    [InlineData("identity, gzip")]
    [InlineData("made-up")]
    public async Task Start_WithACodedBody_IsUnsupported(string coding)
    {
        Assert.Equal(
            415,
            (await Silo.AskAsync(Request.Start(HostileSilo.Order(), $"{Request.Json}Content-Encoding: {coding}\r\n")))?.Status
        );
        Assert.Equal(
            415,
            (await Silo.AskAsync(Request.Post("/sagas/any/cancel", "{}"u8, $"{Request.Json}Content-Encoding: {coding}\r\n")))?.Status
        );
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("Identity")]
    public async Task Start_WithABodyCodedAsItself_IsAccepted(string coding) =>
        Assert.Equal(
            202,
            (await Silo.AskAsync(Request.Start(HostileSilo.Order(), $"{Request.Json}Content-Encoding: {coding}\r\n")))?.Status
        );

    /// <summary>A thousandth of what it says it is: nobody unpacks it.</summary>
    [Fact]
    public async Task Start_WithABomb_IsUnsupported()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(new byte[200 * Mebibyte]);
        Assert.Equal(415, (await Silo.AskAsync(Request.Start(packed.ToArray(), $"{Request.Json}Content-Encoding: gzip\r\n")))?.Status);
    }

    [Theory]
    [InlineData(Mebibyte + 1)]
    [InlineData(20 * Mebibyte)]
    [InlineData(64 * Mebibyte)]
    public async Task Start_WithAHugeBody_IsTooLarge(int bytes)
    {
        var announced = await Silo.AskAsync(Request.Start(Padded(bytes)));
        Assert.True(announced is null or { Status: 413 }, $"{announced}");
        using var connection = await Silo.ConnectAsync();
        var head = Request.Head("POST", "/sagas/order", $"{Request.Json}Transfer-Encoding: chunked\r\n");
        await connection.SendAsync(head);
        var part = Request.Chunk(Padded(Mebibyte));
        for (var sent = 0; sent < bytes && await connection.TrySendAsync(part); sent += Mebibyte) { }
        var chunked = Silo.Checked(await connection.ReadAsync(), head);
        Assert.True(chunked is null or { Status: 413 }, $"{chunked}");
    }

    [Theory]
    [InlineData("Content-Length: 0\r\n", 400)]
    [InlineData("", 400)]
    [InlineData("Transfer-Encoding: chunked\r\n", 400)]
    public async Task Start_WithoutABody_IsRefused(string framing, int status)
    {
        var end = framing.Contains("chunked", StringComparison.Ordinal) ? "0\r\n\r\n"u8 : [];
        Assert.Equal(
            status,
            (await Silo.AskAsync((byte[])[.. Request.Head("POST", "/sagas/order", Request.Json + framing), .. end]))?.Status
        );
    }

    /// <summary>Whoever says that more will come gets memory for what came, not for what was said.</summary>
    [Fact]
    public async Task Start_WhenManyAnnounceMuchAndSendLittle_TakesLittleMemory()
    {
        var before = Silo.Memory;
        var connections = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Silo.ConnectAsync()));
        var head = Request.Head("POST", "/sagas/order", $"{Request.Json}Content-Length: {Mebibyte}\r\n");
        await Task.WhenAll(connections.Select(connection => connection.SendAsync((byte[])[.. head, .. "{\"customer\":"u8])));
        Assert.Equal(202, (await Silo.AskAsync(Request.Start(HostileSilo.Order())))?.Status);
        var taken = (Silo.Memory - before) / connections.Length;
        Assert.True(taken < 128 * 1024, $"A body of which little came was to take less than 128 KiB; it takes {taken} bytes.");
        foreach (var connection in connections)
            connection.Vanish();
    }

    private static string Text() => Encoding.UTF8.GetString(HostileSilo.Order());

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Deep(int depth) => HostileSilo.Order($"\"x\":{new string('[', depth - 1)}{new string(']', depth - 1)}");

    private static byte[] Padded(int bytes)
    {
        var start = HostileSilo.Order("\"x\":\"");
        var padded = new byte[bytes];
        padded.AsSpan().Fill((byte)'x');
        start.AsSpan(0, start.Length - 1).CopyTo(padded);
        "\"}"u8.CopyTo(padded.AsSpan(bytes - 2));
        return padded;
    }
}
