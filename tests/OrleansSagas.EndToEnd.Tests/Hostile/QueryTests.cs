using OrleansSagas.EndToEnd.Tests.Hostile.Talking;

namespace OrleansSagas.EndToEnd.Tests.Hostile;

/// <summary>Queries that no client of ours sends.</summary>
public sealed class QueryTests(HostileSilo silo) : HostileTests(silo)
{
    private static readonly string[] Odd =
    [
        "",
        "%20",
        "%00",
        "%ff",
        "%ed%a0%80",
        "%F0%9F%98%80",
        "-1",
        "0",
        "+1",
        "1.0",
        "1e3",
        "0x10",
        "NaN",
        "Infinity",
        "null",
        "true",
        "99999999999",
        "9223372036854775807",
        "9223372036854775808",
        "99999999999999999999999999",
        "%EF%BC%91",
        "%D9%A1",
        "1%201",
        "1,2",
        "'--",
        "%22",
        "%5C",
        "[]",
        "Running,Paused",
        "1,Running",
        "running%20",
        "0001-01-01",
        "9999-12-31T23:59:59.9999999Z",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00%2B14:00",
        "2026-02-30",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:60Z",
        "2026-13-01",
        "yesterday",
        "2026-01-01T00:00:00%2B99:00",
        ":",
        "a:",
        ":a",
        "a:b:c",
        "customer:%00",
        "customer:%25",
        "customer:*",
        "YWJj",
        "e30",
        "AAAAAAAAAAA",
        "%2B%2F%3D",
        new string('9', 31),
        new string('9', 33),
        new string('x', 129),
        new string('x', 1_025),
        new string('x', 10_000),
    ];

    public static TheoryData<string> Names =>
        [
            "limit",
            "after",
            "status",
            "type",
            "correlationId",
            "tag",
            "startedFrom",
            "startedBefore",
            "id",
            "version",
            "made-up",
            "__proto__",
            "%00",
            "[]",
        ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Request_WithAnOddQuery_IsAnsweredDecently(string name)
    {
        using var connection = new KeptConnection(Silo);
        for (var index = 0; index < Odd.Length; index++)
        {
            var value = Odd[index];
            string[] spellings =
            [
                $"?{name}={value}",
                $"?{name}={value}&{name}={value}",
                $"?{name}[]={value}",
                $"?{name}",
                $"?{name}&{value}",
                $"?{name.ToUpperInvariant()}={value}",
            ];
            // Each value as it should be, where anybody reads it, and in one of the ways in which it should not.
            foreach (
                var query in spellings.Where(
                    (_, spelling) => spelling == 0 ? char.IsAsciiLetter(name[0]) : spelling == 1 + (index % (spellings.Length - 1))
                )
            )
            {
                var answers = await connection.AskAsync(
                    Request.Get("/sagas" + query),
                    Request.Get("/sagas/nobody" + query),
                    Request.Get("/sagas/nobody/history" + query),
                    Request.Get("/sagas/nobody/events" + query),
                    Request.Start("{}"u8, target: "/sagas/order" + query)
                );
                Assert.All(answers, answer => Assert.True(answer?.Status is 200 or 202 or (>= 400 and < 500), $"{query}: {answer}"));
            }
        }
    }

    [Theory]
    [InlineData("/sagas?limit=-1")]
    [InlineData("/sagas?limit=1001")]
    [InlineData("/sagas?limit=NaN")]
    [InlineData("/sagas?limit=1&limit=2")]
    [InlineData("/sagas?status=Running,Paused")]
    [InlineData("/sagas?status=3")]
    [InlineData("/sagas?after=x")]
    [InlineData("/sagas?after=9223372036854775808")]
    [InlineData("/sagas?after=-5")]
    [InlineData("/sagas?startedFrom=2026-02-30")]
    [InlineData("/sagas?startedBefore=2026-01-01T24:00:00Z")]
    [InlineData("/sagas/x/history?limit=0")]
    [InlineData("/sagas/x/history?after=-1")]
    [InlineData("/sagas/x/events?after=1.5")]
    public async Task Request_WithABadQuery_IsRefused(string target) =>
        Assert.Equal(400, (await Silo.AskAsync(Request.Get(target)))?.Status);

    [Theory]
    [InlineData(16, 200)]
    [InlineData(17, 400)]
    [InlineData(1_000, 400)]
    public async Task List_WithManyTags_IsBounded(int tags, int status) =>
        Assert.Equal(
            status,
            (
                await Silo.AskAsync(
                    Request.Get($"/sagas?{string.Join('&', Enumerable.Range(0, tags).Select(number => $"tag=t{number}:v"))}")
                )
            )?.Status
        );

    [Fact]
    public async Task Request_WithManyParameters_IsAnswered() =>
        Assert.Equal(
            200,
            (
                await Silo.AskAsync(Request.Get($"/sagas?{string.Join('&', Enumerable.Range(0, 5_000).Select(number => $"p{number}"))}"))
            )?.Status
        );

    /// <summary>What is the same for all is made once: who asks for it a thousand times costs little more than who sends nothing.</summary>
    [Fact]
    public async Task OpenApi_WhenAskedForOften_IsNotMadeAgain()
    {
        const int times = 300;
        using var connection = new KeptConnection(Silo);
        var first = Assert.Single(await connection.AskAsync(Request.Get("/openapi/v1.json")))!;
        var before = Silo.Computed;
        for (var i = 0; i < times; i++)
            Assert.Equal(first.Body, (await connection.AskAsync(Request.Get("/openapi/v1.json", $"X: {i}\r\n")))[0]?.Body);
        var each = (Silo.Computed - before) / times;
        Assert.True(
            each < TimeSpan.FromMilliseconds(10),
            $"An answer that was made before was to cost less than 10 ms; it costs {each.TotalMilliseconds} ms."
        );
    }
}
