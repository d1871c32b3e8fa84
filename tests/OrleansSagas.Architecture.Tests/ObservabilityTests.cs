using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansSagas.TestKit;
using YamlDotNet.Serialization;

namespace OrleansSagas.Architecture.Tests;

/// <summary>The document, the alert rules and the dashboard name the instruments that there are.</summary>
public sealed class ObservabilityTests
{
    private static readonly string Samples = Path.Combine(Repository.Root, "samples/Observability");
    private static readonly string Alerts = Path.Combine(Samples, "alerts.yml");
    private static readonly string Dashboard = Path.Combine(Samples, "grafana/orleanssagas.json");

    [Fact]
    public async Task Docs_ListEveryInstrument_AsItIs()
    {
        var found = await FindInstrumentsAsync();
        Assert.All(found, instrument => Assert.Equal("OrleansSagas", instrument.Meter.Name));
        Assert.Equal(
            found.Select(instrument => new InstrumentTable.Row(
                instrument.Name,
                PrometheusNameOf(instrument),
                KindOf(instrument),
                instrument.Unit!,
                instrument.Description!
            )),
            InstrumentTable.Rows.OrderBy(row => row.Name, StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Alerts_AreTheDocumentsAndAskForMetricsThatThereAre()
    {
        var rules = ReadRules();
        Assert.Equal(InstrumentTable.Alerts, rules.Select(rule => rule.Alert));
        Assert.All(
            rules,
            rule =>
            {
                AssertKnown(rule.Expr, rule.Alert);
                Assert.Contains(rule.Labels["severity"], (string[])["page", "warn"]);
                Assert.NotEmpty(rule.Annotations["summary"]);
            }
        );
        Assert.Contains(rules, rule => rule.Expr.Contains("orleanssagas_saga_stuck", StringComparison.Ordinal));
        Assert.Contains(rules, rule => rule.Expr.Contains("orleanssagas_saga_held", StringComparison.Ordinal));
    }

    [Fact]
    public void Dashboard_AsksForMetricsThatThereAre_AndForAllOfThem()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Dashboard));
        var queries = dashboard
            .RootElement.GetProperty("panels")
            .EnumerateArray()
            .Where(panel => panel.TryGetProperty("targets", out _))
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!)
            .ToList();
        Assert.All(queries, query => AssertKnown(query, query));
        var shown = queries.SelectMany(PromQl.MetricsOf).ToHashSet();
        Assert.Empty(InstrumentTable.Rows.Where(row => !shown.Any(name => IsOf(row, name))).Select(row => row.Name));
    }

    [Theory]
    [InlineData("sum(a_total) > 0", "a_total")]
    [InlineData("histogram_quantile(0.99, sum by (le, x) (rate(a_bucket{t=~\"b\"}[5m]))) > 1", "a_bucket")]
    [InlineData("a{x=\"y\"} unless b offset 1h or vector(0)", "a b")]
    public void MetricsOf_AQuery_AreItsMetrics(string query, string metrics) => Assert.Equal(metrics.Split(' '), PromQl.MetricsOf(query));

    /// <summary>Where Prometheus is installed, its own tool reads the rules too.</summary>
    [Fact]
    public async Task Alerts_ArePrometheusRules()
    {
        Assert.NotEmpty(ReadRules());
        var tool = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "promtool"))
            .FirstOrDefault(File.Exists);
        if (tool is null)
            return;
        using var check = Process.Start(new ProcessStartInfo(tool, ["check", "rules", Alerts]) { RedirectStandardError = true })!;
        var errors = await check.StandardError.ReadToEndAsync();
        await check.WaitForExitAsync();
        Assert.True(check.ExitCode == 0, errors);
    }

    private static void AssertKnown(string query, string where)
    {
        var names = PromQl.MetricsOf(query).ToList();
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.True(InstrumentTable.PrometheusNames.Contains(name), $"{name} in {where}"));
    }

    private static bool IsOf(InstrumentTable.Row row, string name) =>
        name == row.PrometheusName || (row.Kind == "histogram" && name.StartsWith(row.PrometheusName + "_", StringComparison.Ordinal));

    private static List<Rule> ReadRules()
    {
        var reader = new DeserializerBuilder()
            .WithNamingConvention(YamlDotNet.Serialization.NamingConventions.CamelCaseNamingConvention.Instance)
            .Build();
        return [.. reader.Deserialize<RuleFile>(File.ReadAllText(Alerts)).Groups.SelectMany(group => group.Rules)];
    }

    /// <summary>All instruments of an engine over a store, which are made when it starts.</summary>
    private static async Task<Instrument[]> FindInstrumentsAsync()
    {
        using var folder = new TempFolder();
        using var meters = new MeterRecording();
        var services = new ServiceCollection();
        services.AddSingleton<IMeterFactory>(meters);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddSagas(sagas => sagas.Add(Saga.Define<object>("any").Step("a", step => step.Do((_, _) => Task.CompletedTask)).Build()));
        services.AddSqliteSagaStore(store => store.Path = folder.File("sagas.db"));
        await using var provider = services.BuildServiceProvider();
        foreach (var engine in provider.GetServices<IHostedService>())
            await engine.StartAsync(CancellationToken.None);
        var found = meters.Instruments;
        foreach (var engine in provider.GetServices<IHostedService>())
            await engine.StopAsync(CancellationToken.None);
        return found;
    }

    private static string KindOf(Instrument instrument) =>
        instrument switch
        {
            Counter<long> => "counter",
            Histogram<double> or Histogram<int> => "histogram",
            ObservableUpDownCounter<long> => "gauge",
            _ => instrument.GetType().Name,
        };

    /// <summary>
    /// What OpenTelemetry's exporter for Prometheus makes of the name; a test of the silo compares this with what it says.
    /// </summary>
    private static string PrometheusNameOf(Instrument instrument) =>
        instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "") + (instrument is Counter<long> ? "_total" : "");

    private sealed class RuleFile
    {
        public List<RuleGroup> Groups { get; set; } = [];
    }

    private sealed class RuleGroup
    {
        public string Name { get; set; } = "";

        public List<Rule> Rules { get; set; } = [];
    }

    private sealed class Rule
    {
        public string Alert { get; set; } = "";

        public string Expr { get; set; } = "";

        public string For { get; set; } = "";

        public Dictionary<string, string> Labels { get; set; } = [];

        public Dictionary<string, string> Annotations { get; set; } = [];
    }
}
