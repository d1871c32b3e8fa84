using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OrleansSagas.Http.Tests.Endpoints;
using OrleansSagas.TestKit;

namespace OrleansSagas.Http.Tests.Telemetry;

/// <summary>What a silo shows of itself, and to whom.</summary>
public sealed partial class SiloTelemetryTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task Metrics_ByDefault_AreNotServed()
    {
        await using var silo = new Silo();
        await silo.Fixture.InitializeAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await silo.Fixture.GetAsync("/metrics")).StatusCode);
    }

    [Fact]
    public async Task Metrics_WhenPrometheusAsks_AreThoseOfTheDocument_AndOfWhatIsBelow()
    {
        await using var silo = new Silo("--Telemetry:Prometheus", "true");
        await silo.Fixture.InitializeAsync();
        var done = await SiloFixture.ViewAsync(await silo.Fixture.StartAsync(prefer: "wait=20"));
        using var response = await silo.Fixture.StartAsync(prefer: "wait=20", behaviour: """{"charge-payment":{"decline":true}}""");
        var text = await silo.ReadMetricsAsync(has: "orleanssagas_saga_stuck");

        // Label by label: each name is one that the document has, under tags that it has.
        var rows = InstrumentTable.Rows;
        var seen = new HashSet<string>();
        foreach (Match line in Sample().Matches(text))
        {
            var name = line.Groups["name"].Value;
            Assert.Contains(name, InstrumentTable.PrometheusNames);
            var row = rows.Single(row =>
                name == row.PrometheusName || (row.Kind == "histogram" && name[..name.LastIndexOf('_')] == row.PrometheusName)
            );
            var tags = Label().Matches(line.Groups["labels"].Value).Select(label => label.Groups["name"].Value);
            Assert.Equal(
                row.Tags.Select(tag => tag.Replace('.', '_')).Order(StringComparer.Ordinal),
                tags.Except(["otel_scope_name", "le"]).Order(StringComparer.Ordinal)
            );
            seen.Add(row.Name);
        }

        Assert.Superset(
            new HashSet<string>
            {
                "orleanssagas.saga.started",
                "orleanssagas.saga.ended",
                "orleanssagas.saga.turned_back",
                "orleanssagas.saga.duration",
                "orleanssagas.saga.active",
                "orleanssagas.saga.waiting",
                "orleanssagas.saga.stuck",
                "orleanssagas.saga.held",
                "orleanssagas.step.duration",
                "orleanssagas.step.failed",
                "orleanssagas.undo.duration",
                "orleanssagas.undo.succeeded",
                "orleanssagas.commit.duration",
                "orleanssagas.commit.batch.duration",
                "orleanssagas.commit.batch.size",
                "orleanssagas.commit.queue.size",
            },
            seen
        );
        Assert.Contains("\norleans_", text, StringComparison.Ordinal);
        Assert.Contains("\nhttp_server_request_duration_seconds_bucket", text, StringComparison.Ordinal);
        Assert.Contains("\ndotnet_gc_collections_total", text, StringComparison.Ordinal);
        Assert.DoesNotContain(done.Id.Value, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_WithoutAccess_AreForThisMachineOnly()
    {
        await using var silo = new Silo("--Telemetry:Prometheus", "true");
        await silo.Fixture.InitializeAsync();
        Assert.Equal(HttpStatusCode.OK, (await silo.Fixture.GetAsync("/metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await silo.Fixture.GetAsync("/metrics", ("Host", "metrics.example"))).StatusCode);
    }

    [Fact]
    public async Task Metrics_WithKeys_NeedOne()
    {
        await using var silo = new Silo(
            "--Telemetry:Prometheus",
            "true",
            "--Access:ApiKeys:0:Name",
            "prometheus",
            "--Access:ApiKeys:0:Key",
            Secret
        );
        await silo.Fixture.InitializeAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await silo.Fixture.GetAsync("/metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await silo.Fixture.GetAsync("/metrics", ("Authorization", $"Bearer {Secret}"))).StatusCode);
    }

    [Fact]
    public async Task Otlp_WhenACollectorIsNamed_GetsMetricsAndTraces()
    {
        var received = new ConcurrentDictionary<string, TaskCompletionSource>();
        TaskCompletionSource Of(string path) =>
            received.GetOrAdd(path, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var collector = WebApplication.CreateSlimBuilder().Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.MapPost(
            "/{**path}",
            (string path, HttpRequest request) =>
            {
                if (request.ContentType == "application/x-protobuf")
                    Of(path).TrySetResult();
            }
        );
        await collector.StartAsync();
        await using (var silo = new Silo("--Telemetry:Otlp:Endpoint", collector.Urls.First(), "--Telemetry:Otlp:Protocol", "HttpProtobuf"))
        {
            await silo.Fixture.InitializeAsync();
            _ = await SiloFixture.ViewAsync(await silo.Fixture.StartAsync(prefer: "wait=20"));
            Assert.Equal(HttpStatusCode.NotFound, (await silo.Fixture.GetAsync("/metrics")).StatusCode);
        }

        // A silo that stops sends what it has.
        await Of("v1/metrics").Task.WaitAsync(TimeSpan.FromSeconds(30));
        await Of("v1/traces").Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Otlp_WhenTheAddressIsNone_IsRefusedInWords()
    {
        var refused = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            OrleansSagas.Silo.Program.Build(["--Telemetry:Otlp:Endpoint", "collector:4317"])
        );
        Assert.StartsWith("Telemetry:Otlp:Endpoint is 'collector:4317', which is no address", refused.Message, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^(?<name>orleanssagas_\w+)\{(?<labels>[^}]*)\} ", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex("(?<name>\\w+)=\"[^\"]*\"")]
    private static partial Regex Label();

    /// <summary>A silo of a test's own.</summary>
    private sealed class Silo(params string[] settings) : IAsyncDisposable
    {
        public SiloFixture Fixture { get; } = new(settings);

        /// <summary>Fetches the metrics until one is there.</summary>
        public async Task<string> ReadMetricsAsync(string has)
        {
            var until = DateTime.UtcNow.AddSeconds(30);
            while (true)
            {
                var text = await (await Fixture.GetAsync("/metrics")).Content.ReadAsStringAsync();
                if (text.Contains($"\n{has}{{", StringComparison.Ordinal))
                    return text;
                Assert.True(DateTime.UtcNow < until, $"Waited 30 s for the metric {has}; there is:\n{text}");
                await Task.Delay(50);
            }
        }

        public ValueTask DisposeAsync() => Fixture.DisposeAsync();
    }
}
