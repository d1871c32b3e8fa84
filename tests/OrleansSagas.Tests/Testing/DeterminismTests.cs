using System.Diagnostics;
using System.Text;

namespace OrleansSagas.Tests.Testing;

public sealed class DeterminismTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Histories_WhenTheSameIsDoneTwice_AreTheSame()
    {
        var first = await StoryAsync();

        Assert.Equal(first, await StoryAsync());
        Assert.Contains("adopted", first, StringComparison.Ordinal);
        Assert.Contains("undo-succeeded", first, StringComparison.Ordinal);
    }

    /// <summary>No figure is asserted here but how much was done: how fast it went is written to the output.</summary>
    [Fact]
    public async Task Advance_WhenAThousandSagasRetryForADay_EveryOneDoes()
    {
        const int sagas = 1_000;
        var agency = new Agency();
        var retry = new RetryPolicy
        {
            MaxAttempts = null,
            Delay = TimeSpan.FromHours(2),
            Factor = 1,
            MaxDelay = TimeSpan.FromHours(2),
        };
        await using var host = await Trips.HostAsync(agency, definition: Trips.Define(retry: retry));
        var faults = host.Faults.Step("book-flight").AlwaysFails();
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < sagas; i++)
            await host.Client.StartAsync("trip", new Trip($"traveller-{i}"));
        var started = watch.Elapsed;

        await host.AdvanceAsync(TimeSpan.FromDays(1));

        output.WriteLine(
            $"{sagas} sagas started in {started.TotalMilliseconds:N0} ms; a day with {faults.Fired} attempts took "
                + $"{(watch.Elapsed - started).TotalMilliseconds:N0} ms."
        );
        Assert.InRange(faults.Fired, sagas * 12, sagas * 60);
        faults.Clear();
        watch.Restart();
        await host.AdvanceAsync(TimeSpan.FromHours(2));
        output.WriteLine($"Their ends took {watch.Elapsed.TotalMilliseconds:N0} ms.");
        Assert.Equal(3 * sagas, agency.Standing.Length);
        watch.Restart();
        await host.AdvanceAsync(TimeSpan.FromDays(365));
        output.WriteLine($"A year in which nothing happens took {watch.Elapsed.TotalMilliseconds:N0} ms.");
    }

    private static async Task<string> StoryAsync()
    {
        var agency = new Agency();
        await using var host = await Trips.HostAsync(agency);
        host.Faults.Step("book-hotel").Fails(2);
        host.Faults.Step("book-flight").LosesAnswer().TimesOut();
        host.Faults.Step("send-tickets", saga: new SagaId("trip-3")).IsRejected();
        host.Faults.CrashAfterCommit(9);
        host.Faults.CrashBeforeCommit(20);
        for (var i = 0; i < 10; i++)
            await host.Client.StartAsync("trip", new Trip($"traveller-{i}"), new StartOptions { Id = new SagaId($"trip-{i}") });
        await host.AdvanceAsync(TimeSpan.FromHours(1));
        host.Faults.Verify();

        var story = new StringBuilder();
        for (var i = 0; i < 10; i++)
            await foreach (var entry in host.Client.Get(new SagaId($"trip-{i}")).HistoryAsync())
                story.AppendLine($"{i} {entry.Revision} {entry.At:O} {entry.Event} {entry.Body}");
        return story.Append(string.Join('\n', agency.Calls)).ToString();
    }
}
