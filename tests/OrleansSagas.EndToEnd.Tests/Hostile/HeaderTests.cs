using OrleansSagas.EndToEnd.Tests.Hostile.Talking;

namespace OrleansSagas.EndToEnd.Tests.Hostile;

/// <summary>Headers that no client of ours sends.</summary>
public sealed class HeaderTests(HostileSilo silo) : HostileTests(silo)
{
    private static readonly string[] Odd =
    [
        "",
        " ",
        "\"",
        "\"\"",
        "\\",
        "\"\\\"",
        "'",
        ",",
        ";",
        "=",
        ",,,,",
        "\"a\", \"b\"",
        "\"a\";x=1",
        "a b",
        "\t",
        "null",
        "0",
        "-1",
        "1e9",
        "99999999999999999999",
        "NaN",
        "wait",
        "wait=",
        "wait=-1",
        "wait=1e9",
        "wait=0x1",
        "wait=99999999999999999999999",
        "wait=\"0\"",
        "wait=\"",
        "wait=0;wait=5",
        "respond-async, wait=0",
        "wait=0, wait=60",
        "WAIT = 0",
        "\u00e9",
        "\u00ff\u00fe",
        "%00",
        "%0d%0aX: y",
        "${jndi:ldap://x}",
        "<script>",
        "' OR 1=1 --",
        "../../x",
        "*",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-0000000000000000-00",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-XYZ",
        "W/\"1\"",
        "bytes=0-1",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        new string('x', 129),
        new string('x', 256),
        new string('x', 600),
        new string('"', 600),
        new string('\\', 600),
        new string(',', 8_000),
        string.Join(", ", Enumerable.Repeat("wait=\"\\\"", 2_000)),
    ];

    /// <summary>Those that the door, the server below it or what is between them and the callers act upon.</summary>
    public static TheoryData<string> Names =>
        [
            "Idempotency-Key",
            "Correlation-Id",
            "Saga-Headers",
            "Prefer",
            "Last-Event-ID",
            "traceparent",
            "Content-Type",
            "Content-Encoding",
            "Accept",
            "Authorization",
            "Connection",
            "Upgrade",
            "Expect",
            "TE",
            "Trailer",
        ];

    /// <summary>Those that nobody here reads; a sample of the odd values does.</summary>
    public static TheoryData<string> OtherNames =>
        [
            "tracestate",
            "baggage",
            "Request-Id",
            "Accept-Encoding",
            "Accept-Charset",
            "If-Match",
            "If-None-Match",
            "If-Modified-Since",
            "Range",
            "Content-Language",
            "Content-MD5",
            "Cookie",
            "Origin",
            "Referer",
            "Sec-Fetch-Site",
            "X-Forwarded-For",
            "X-Forwarded-Host",
            "X-Forwarded-Proto",
            "X-HTTP-Method-Override",
            "Forwarded",
            "Via",
            "Max-Forwards",
            "Date",
            "Keep-Alive",
            "User-Agent",
            ":authority",
            "__proto__",
        ];

    /// <summary>Every odd value: the answer is decent, and what is accepted is there once.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public Task Request_WithAnOddHeader_IsAnsweredDecently(string name) => SendAllAsync(name, Odd);

    [Theory]
    [MemberData(nameof(OtherNames))]
    public Task Request_WithAnOddHeaderThatNobodyReads_IsAnsweredDecently(string name) =>
        SendAllAsync(name, Odd.Where((_, index) => (index + name.Length) % 8 == 0));

    [Theory]
    [InlineData("Idempotency-Key", 400)]
    [InlineData("Correlation-Id", 400)]
    [InlineData("Saga-Headers", 400)]
    [InlineData("Content-Type", 415)]
    [InlineData("Prefer", 202)]
    [InlineData("traceparent", 202)]
    [InlineData("Content-Length", 400)]
    [InlineData("Host", 400)]
    public async Task Start_WithAHeaderTwice_IsRefusedWhereItMatters(string name, int status)
    {
        var value = name switch
        {
            "Content-Length" => "84",
            "Host" => "localhost",
            "Prefer" => "wait=0",
            "Content-Type" => "application/json",
            _ => "\"a-key\"",
        };
        var twice = string.Concat(Enumerable.Repeat($"{name}: {value}\r\n", 2));
        Assert.Equal(
            status,
            (await Silo.AskAsync(Request.Start(HostileSilo.Order(), name == "Content-Type" ? twice : Request.Json + twice)))?.Status
        );
    }

    [Theory]
    [InlineData(40, 10, 404)]
    [InlineData(100, 10, 431)]
    [InlineData(20_000, 10, 431)]
    [InlineData(1, 30_000, 404)]
    [InlineData(1, 40_000, 431)]
    [InlineData(1, 10_000_000, 431)]
    [InlineData(60, 1_000, 431)]
    public async Task Request_WithManyOrLongHeaders_IsBounded(int count, int length, int status)
    {
        var answer = await Silo.AskAsync(
            Request.Get(
                "/sagas/nobody",
                string.Concat(Enumerable.Range(0, count).Select(number => $"X-{number}: {new string('x', length)}\r\n"))
            )
        );
        Assert.True(answer is null ? status == 431 : answer.Status == status, $"{answer}");
    }

    [Theory]
    [InlineData("No colon\r\n")]
    [InlineData(": no name\r\n")]
    [InlineData("Na me: x\r\n")]
    [InlineData("Name : x\r\n")]
    [InlineData("Name\0: x\r\n")]
    [InlineData("Name: x\0y\r\n")]
    [InlineData("N\u00e4me: x\r\n")]
    [InlineData("Name: x\rY: z\r\n")]
    [InlineData(" folded: x\r\n")]
    [InlineData("Name: x\r\n folded\r\n")]
    public async Task Request_WithAMalformedHeader_IsRefused(string header)
    {
        var answer = await Silo.AskAsync(Request.Get("/health/live", header));
        Assert.True(answer?.Status is null or 400, $"{answer}");
    }

    /// <summary>One key, many orders at the same moment: one of them is started, and the others are told so.</summary>
    [Fact]
    public async Task Starts_WithOneKeyAndManyBodiesAtOnce_StartOne()
    {
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 60)
                .Select(number =>
                    Silo.AskAsync(
                        Request.Start(HostileSilo.Order($"\"x\":{number % 30}"), $"{Request.Json}Idempotency-Key: \"contended\"\r\n")
                    )
                )
        );
        var accepted = answers.Where(answer => answer!.IsAccepted).ToList();
        Assert.InRange(accepted.Count, 1, 2);
        Assert.Single(accepted.Select(answer => answer!.Headers["location"]).Distinct());
        Assert.All(answers.Except(accepted), answer => Assert.Equal(422, answer!.Status));
    }

    [Fact]
    public async Task Key_InEverySpelling_IsTheSameOrAnother_ButNeverTwoSagas()
    {
        var locations = new HashSet<string>();
        foreach (var spelling in (string[])["spelt", "\"spelt\"", "  \"spelt\"  ", "\"sp\\\\elt\"", "\"Spelt\"", "\"spelt \""])
            locations.Add(
                (await Silo.AskAsync(Request.Start(HostileSilo.Order(), $"{Request.Json}Idempotency-Key: {spelling}\r\n")))!.Headers[
                    "location"
                ]
            );
        Assert.Equal(4, locations.Count);
    }

    private async Task SendAllAsync(string name, IEnumerable<string> values)
    {
        using var connection = new KeptConnection(Silo);
        var turn = 0;
        foreach (var value in values)
        {
            var header = $"{name}: {value}\r\n";
            var content = name == "Content-Type" ? header : Request.Json + header;
            // Each value starts a saga, if it may, and goes to one of the others in turn.
            byte[][] others =
            [
                Request.Get("/sagas/nobody", header),
                Request.Get("/sagas/nobody/events", header),
                Request.Get("/sagas?limit=1", header),
                Request.Post("/sagas/nobody/cancel", "{}"u8, content),
            ];
            foreach (var request in (byte[][])[Request.Start(HostileSilo.Order(), content), others[turn++ % others.Length]])
            {
                var answer = (await connection.AskAsync(request))[0];
                Assert.True(answer?.Status is null or 200 or 202 or (>= 400 and < 500), $"{header}{answer}");
            }
        }
    }
}
