using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using OrleansSagas.Bench.Load;

namespace OrleansSagas.Bench.Growth;

/// <summary>What a list of at most 100 sagas takes, over HTTP.</summary>
/// <param name="By">What is asked for.</param>
/// <param name="Items">How many sagas were on the page.</param>
/// <param name="FirstMicros">The first time, in microseconds.</param>
/// <param name="P50Micros">The median, in microseconds.</param>
internal sealed record Listing(string By, int Items, double FirstMicros, double P50Micros)
{
    private const int Times = 20;
    private const int Limit = 100;

    /// <summary>Asks a silo, over <paramref name="sagas"/> sagas that wait, for all kinds of lists.</summary>
    public static async Task<List<Listing>> MeasureAsync(Uri silo, int sagas)
    {
        using var client = new HttpClient { BaseAddress = silo };
        var name = InProcFill.NameOf((sagas / 2) + 1);
        var correlation = $"correlationId={name}";

        // A second in the middle of the fill.
        var from = (await GetAsync(client, correlation)).Items is [var middle, ..] ? middle.StartedAt : DateTimeOffset.UtcNow;
        (string By, string Query)[] lists =
        [
            ("type", "type=bench-waiting"),
            ("status", "status=Running"),
            ("status of none", "status=Stuck"),
            ("tag", $"tag=order:{name}"),
            ("correlation id", correlation),
            ("start time", $"startedFrom={Time(from)}&startedBefore={Time(from.AddSeconds(1))}"),
            ("start time of none", $"startedBefore={Time(from.AddDays(-1))}"),
            ("nothing: all", ""),
        ];
        var measured = new List<Listing>();
        foreach (var (by, query) in lists)
            measured.Add(await MeasureAsync(client, by, query));
        return measured;
    }

    private static async Task<Listing> MeasureAsync(HttpClient client, string by, string query)
    {
        var times = new double[Times];
        var items = 0;
        for (var i = 0; i < Times; i++)
        {
            var start = Stopwatch.GetTimestamp();
            items = (await GetAsync(client, query)).Items.Count;
            times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        return new Listing(by, items, times[0], times.Order().ElementAt(Times / 2));
    }

    private static async Task<SagaPage> GetAsync(HttpClient client, string query) =>
        (await client.GetFromJsonAsync($"/sagas?limit={Limit}&{query}", SagaJsonContext.Default.SagaPage))!;

    private static string Time(DateTimeOffset time) => Uri.EscapeDataString(time.ToString("o", CultureInfo.InvariantCulture));
}
