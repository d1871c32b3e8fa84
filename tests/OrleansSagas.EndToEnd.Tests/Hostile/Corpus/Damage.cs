using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace OrleansSagas.EndToEnd.Tests.Hostile.Corpus;

/// <summary>A body that was valid once: which one, and what was done to it. Fewer changes are a simpler damage.</summary>
internal sealed record Damage(byte[] Body, IReadOnlyList<Change> Changes)
{
    private const int MostChanges = 6;

    private static readonly byte[][] Bodies =
    [
        HostileSilo.Order(),
        HostileSilo.Order("\"note\":\"never read \\u00e4\\ud83d\\ude00\",\"more\":{\"list\":[1,2.5e3,true,null,\"\\n\"],\"\\u0061\":{}}"),
        HostileSilo.Order("\"behaviour\":{\"charge-payment\":{\"decline\":true}}"),
        Encoding.UTF8.GetBytes(
            "{ \"customer\" : \"J\u00fcrgen \U0001F600\",\r\n\t\"card\":\"\u65e5\u672c\", \"item\":\"mug\",\"quantity\":3 "
                + ",\"total\":1.5e1,\"holdId\":null}"
        ),
    ];

    private static readonly byte[][] Verbs =
    [
        [.. """{"actor":"olga","reason":"because","step":"charge-payment"}"""u8],
        [.. """{"reason":"\u00e4 \ud83d\ude00","actor":null,"more":[{"x":"y"}]}"""u8],
    ];

    private static readonly byte[][] Requests =
    [
        Talking.Request.Start(Bodies[0], Talking.Request.Json + "Idempotency-Key: \"damaged\"\r\nPrefer: wait=1\r\n"),
        Talking.Request.Start(
            Bodies[1],
            Talking.Request.Json + "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n",
            "/sagas/order?id=damaged&version=1"
        ),
        [
            .. Talking.Request.Head("POST", "/sagas/order", Talking.Request.Json + "Transfer-Encoding: chunked\r\n"),
            .. Talking.Request.Chunk(Bodies[0].AsSpan(0, 20)),
            .. Talking.Request.Chunk(Bodies[0].AsSpan(20)),
            .. "0\r\n\r\n"u8,
        ],
        [
            .. Talking.Request.Get("/sagas?status=Completed&tag=customer:ada&limit=5&startedFrom=2026-01-01T00:00:00Z"),
            .. Talking.Request.Get("/sagas/nobody/history?after=3&limit=7"),
        ],
        Talking.Request.Get("/sagas/nobody/events", "Last-Event-ID: 5\r\nAccept: text/event-stream\r\n"),
        Talking.Request.Post("/sagas/nobody/resolve", Verbs[0], Talking.Request.Json + "Idempotency-Key: \"a\"\r\n"),
    ];

    /// <summary>Damaged orders.</summary>
    public static Arbitrary<Damage> Any { get; } = Of(Bodies);

    /// <summary>Damaged bodies of an operator's verb.</summary>
    public static Arbitrary<Damage> AnyVerb { get; } = Of(Verbs);

    /// <summary>Whole requests, damaged anywhere.</summary>
    public static Arbitrary<Damage> AnyRequest { get; } = Of(Requests);

    private static Arbitrary<Damage> Of(byte[][] bodies) =>
        Arb.From(
            from body in Gen.Elements(bodies)
            from changes in Gen.ArrayOf(Change.Any)
            select new Damage(body, changes.Length > MostChanges ? changes[..MostChanges] : changes),
            damage =>
                Enumerable
                    .Range(0, damage.Changes.Count)
                    .Select(left => damage with { Changes = [.. damage.Changes.Where((_, index) => index != left)] })
        );

    public byte[] Apply() => Changes.Aggregate(Body, (bytes, change) => change.Apply(bytes));
}
