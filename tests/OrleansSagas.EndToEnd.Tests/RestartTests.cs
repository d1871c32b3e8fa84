using System.Diagnostics;
using OrleansSagas.TestKit.Silos.Running;

namespace OrleansSagas.EndToEnd.Tests;

/// <summary>A silo that dies, or is asked to stop, in the middle of its work.</summary>
[Collection(nameof(RunsAlone))]
public sealed class RestartTests
{
    [Fact]
    public async Task Watch_AcrossAKill_GivesEachEntryOnceAndNoneIsMissing()
    {
        using var place = new SiloPlace();
        var silo = await SiloProcess.StartReadyAsync(place);
        try
        {
            var saga = await place.Client().StartAsync("order", SampleOrders.Slow(0.4));
            var watched = new List<SagaHistoryEntry>();
            var halfway = new TaskCompletionSource();
            var watching = Task.Run(async () =>
            {
                await foreach (var entry in saga.WatchAsync().Bounded())
                {
                    watched.Add(entry);
                    if (watched.Count == 3)
                        halfway.SetResult();
                }
            });
            await Task.WhenAny(halfway.Task, watching);
            await silo.KillAsync();
            await silo.DisposeAsync();
            silo = await SiloProcess.StartReadyAsync(place);
            await watching;

            Assert.Equal(Enumerable.Range(1, watched.Count).Select(i => (long)i), watched.Select(entry => entry.Revision));
            Assert.Equal("ended", watched[^1].Event);
            Assert.Contains(watched, entry => entry.Event == "adopted");
            Assert.Equal(watched, await saga.HistoryAsync().ToListAsync());
            await saga.EndsAsync(SagaStatus.Completed);
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    [Fact]
    public async Task Terminate_WithSlowOrders_LetsTheStepsEndAndCountsNoneAsLost()
    {
        using var place = new SiloPlace();
        var silo = await SiloProcess.StartReadyAsync(place);
        try
        {
            var client = place.Client();
            var sagas = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.StartAsync("order", SampleOrders.Slow(0.6))));
            var waiting = Task.WhenAll(sagas.Select(saga => saga.WaitAsync(SagaWaiting.Patience)));
            var clock = Stopwatch.StartNew();
            Assert.Equal(0, await silo.TerminateAsync(TimeSpan.FromSeconds(20)));
            Assert.True(
                clock.Elapsed < TimeSpan.FromSeconds(10),
                $"The silo was to exit soon after its steps, which take 0.6 s; it took {clock.Elapsed}. {place.LogTail()}"
            );
            await silo.DisposeAsync();

            silo = await SiloProcess.StartReadyAsync(place);
            foreach (var view in await waiting)
            {
                Assert.True(
                    view.Status == SagaStatus.Completed && view.Steps.All(step => step.Attempts == 1),
                    $"Saga {view.Id} was to complete with one attempt per step; it is: {SagaWaiting.Said(view)}"
                );
            }
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }

    [Fact]
    public async Task Terminate_WithAStepThatHangs_ExitsWithinItsBound()
    {
        using var place = new SiloPlace { Arguments = ["--Sagas:Engine:StopTimeout", "00:00:01"] };
        var silo = await SiloProcess.StartReadyAsync(place);
        try
        {
            var saga = await place.Client().StartAsync("order", SampleOrders.Hanging());
            await saga.UntilAsync(view => view.Steps[1].Status == StepStatus.Succeeded, "at its charge, which hangs");
            var clock = Stopwatch.StartNew();
            Assert.Equal(0, await silo.TerminateAsync(TimeSpan.FromSeconds(20)));
            Assert.True(
                clock.Elapsed < TimeSpan.FromSeconds(6),
                $"The silo was to exit 1 s after it was asked to; it took {clock.Elapsed}. {place.LogTail()}"
            );
            await silo.DisposeAsync();

            silo = await SiloProcess.StartReadyAsync(place);
            await saga.EndsAsync(SagaStatus.Completed);
        }
        finally
        {
            await silo.DisposeAsync();
        }
    }
}
