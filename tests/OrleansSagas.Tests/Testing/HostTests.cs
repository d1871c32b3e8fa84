using Microsoft.Extensions.Options;
using OrleansSagas.Testing;

namespace OrleansSagas.Tests.Testing;

public sealed class HostTests
{
    private readonly Agency _agency = new();

    [Fact]
    public async Task Run_WhenAllIsWell_ReturnsTheEndAndItsData()
    {
        await using var host = await Trips.HostAsync(_agency);
        var began = host.Time.GetUtcNow();

        var end = await host.RunAsync("trip", new Trip("Anna"));

        Assert.Equal(SagaStatus.Completed, end.Status);
        Assert.Equal(new Trip("Anna", "book-hotel of saga-1", "book-flight of saga-1"), host.DataOf<Trip>(end));
        Assert.Equal(["do book-hotel 1", "do book-flight 1", "do send-tickets 1"], _agency.Calls);
        Assert.Equal(began, host.Time.GetUtcNow());
    }

    [Fact]
    public async Task Start_WhenItComesBack_AllThatCanHappenAtThatTimeHas()
    {
        await using var host = await Trips.HostAsync(_agency);
        host.Faults.Step("send-tickets").Fails();

        var saga = await host.Client.StartAsync("trip", new Trip("Anna"));

        Assert.Equal(["do book-hotel 1", "do book-flight 1"], _agency.Calls);
        Assert.Equal(SagaStatus.Running, (await saga.GetAsync()).Status);
        Assert.Equal(StepStatus.Retrying, (await saga.GetAsync()).Steps[2].Status);
        await host.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(SagaStatus.Completed, (await saga.GetAsync()).Status);
    }

    [Fact]
    public async Task Advance_WhenADayPasses_DoesWhatIsDueInTheOrderOfItsTime()
    {
        var retry = new RetryPolicy
        {
            MaxAttempts = null,
            Delay = TimeSpan.FromHours(3),
            Factor = 1,
            MaxDelay = TimeSpan.FromHours(3),
        };
        await using var host = await Trips.HostAsync(_agency, definition: Trips.Define(retry: retry));
        var times = new List<DateTimeOffset>();
        _agency.Before = context =>
        {
            if (context.Step == "book-flight")
            {
                times.Add(host.Time.GetUtcNow());
                throw new TimeoutException("No seat yet.");
            }

            return Task.CompletedTask;
        };
        for (var i = 0; i < 5; i++)
            await host.Client.StartAsync("trip", new Trip($"traveller-{i}"));
        var began = host.Time.GetUtcNow();

        await host.AdvanceAsync(TimeSpan.FromDays(1));

        Assert.Equal(began.AddDays(1), host.Time.GetUtcNow());
        Assert.InRange(times.Count, 5 * 8, 5 * 40);
        Assert.Equal(times.Order(), times);
    }

    [Fact]
    public async Task WaitFor_WhenTheConditionHoldsForAMomentOnly_SeesIt()
    {
        await using var host = await Trips.HostAsync(_agency);
        host.Faults.Step("send-tickets").Fails().IsRejected("No printer.");
        var saga = await host.Client.StartAsync("trip", new Trip("Anna"));

        var view = await host.WaitForAsync(saga.Id, view => view.Status == SagaStatus.Compensating);

        Assert.Equal(SagaEndReason.Failed, view.Reason);
        Assert.Equal(SagaStatus.Compensated, (await saga.GetAsync()).Status);
    }

    [Fact]
    public async Task WaitFor_WhenItNeverComes_SaysWhatWasAwaitedAndWhereTheSagaStands()
    {
        await using var host = await Trips.HostAsync(_agency);
        host.Faults.Step("book-flight").AlwaysFails(new TimeoutException("No seat yet."));
        host.Faults.Undo("book-hotel").AlwaysFails(new InvalidOperationException("Closed on Sundays."));
        var saga = await host.Client.StartAsync("trip", new Trip("Anna"));

        var exception = await Assert.ThrowsAsync<SagaWaitTimeoutException>(() =>
            host.WaitForAsync(saga.Id, trip => trip.Status == SagaStatus.Compensated, TimeSpan.FromHours(2))
        );

        Assert.Equal(SagaStatus.Stuck, exception.LastView!.Status);
        var lines = exception.Message.Split('\n').Select(line => line.TrimEnd()).ToArray();
        Assert.Equal("Waited 02:00:00 of virtual time for: trip => trip.Status == SagaStatus.Compensated.", lines[0]);
        Assert.Equal("It is 2026-01-01 02:00:00.000 on the host's clock.", lines[1]);
        Assert.Equal("Saga 'saga-1' of type 'trip' is Stuck, because of: Failed, TimeoutException: No seat yet.", lines[2]);
        Assert.Equal("  book-hotel    UndoFailed, 1 attempt, 10 to undo, undo: InvalidOperationException: Closed on Sundays", lines[3]);
        Assert.Equal("  book-flight   Undone, 5 attempts, 1 to undo, uncertain, TimeoutException: No seat yet", lines[4]);
        Assert.Equal("  send-tickets  Pending", lines[5]);
        Assert.Equal("Its last 8 of 19 entries:", lines[6]);
        Assert.Matches(@"^   19  2026-01-01 00:\d\d:\d\d\.\d{3}  undo-given-up \{""step"":""book-hotel""", lines[^1]);
        Assert.Equal(15, lines.Length);
    }

    [Fact]
    public async Task WaitFor_WhenTheConditionThrows_FailsWithThat()
    {
        await using var host = await Trips.HostAsync(_agency);
        host.Faults.Step("book-flight").Fails();
        var saga = await host.Client.StartAsync("trip", new Trip("Anna"));

        await Assert.ThrowsAsync<NotImplementedException>(() => host.WaitForAsync(saga.Id, _ => throw new NotImplementedException()));

        Assert.Equal(SagaStatus.Completed, (await saga.WaitAsync()).Status);
    }

    [Fact]
    public async Task WaitFor_WhenThereIsNoSuchSaga_SaysSo()
    {
        await using var host = await Trips.HostAsync(_agency);

        var exception = await Assert.ThrowsAsync<SagaNotFoundException>(() => host.WaitForAsync(new SagaId("nobody"), _ => true));

        Assert.Equal("There is no saga 'nobody'.", exception.Message);
    }

    [Fact]
    public async Task Deadline_WhenItComes_TurnsTheSagaBack()
    {
        await using var host = await Trips.HostAsync(
            _agency,
            definition: Trips.Define(deadline: TimeSpan.FromMinutes(10), retry: RetryPolicy.Default with { MaxAttempts = null })
        );
        host.Faults.Step("book-flight").AlwaysFails();

        var end = await host.RunAsync("trip", new Trip("Anna"));

        Assert.Equal((SagaStatus.Compensated, SagaEndReason.Deadline), (end.Status, end.Reason));
        Assert.Equal(TimeSpan.FromMinutes(10), end.EndedAt - end.StartedAt);
    }

    [Fact]
    public async Task Hosts_WhenThereAreTwo_KnowNothingOfEachOther()
    {
        await using var one = await Trips.HostAsync(_agency);
        await using var other = await Trips.HostAsync(new Agency());
        one.Faults.Step("book-flight").IsRejected();

        var ends = await Task.WhenAll(one.RunAsync("trip", new Trip("Anna")), other.RunAsync("trip", new Trip("Bert")));

        Assert.Equal([SagaStatus.Compensated, SagaStatus.Completed], ends.Select(end => end.Status));
        await one.AdvanceAsync(TimeSpan.FromDays(1));
        Assert.True(one.Time.GetUtcNow() - other.Time.GetUtcNow() >= TimeSpan.FromDays(1));
    }

    [Fact]
    public async Task Start_WhenAnotherHostHasTheClock_SaysSo()
    {
        var clock = new VirtualTime();
        var first = await Trips.HostAsync(_agency, test => test.Time = clock);

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => Trips.HostAsync(_agency, test => test.Time = clock));
        Assert.Contains("is the clock of another host that runs", exception.Message, StringComparison.Ordinal);

        await first.DisposeAsync();
        await using var next = await Trips.HostAsync(_agency, test => test.Time = clock);
        Assert.Equal(SagaStatus.Completed, (await next.RunAsync("trip", new Trip("Anna"))).Status);
    }

    [Fact]
    public async Task Dispose_WhenSomebodyWaits_TellsThem()
    {
        var host = await Trips.HostAsync(_agency);
        var gate = new TaskCompletionSource();
        _agency.Before = _ => gate.Task;
        var running = host.RunAsync("trip", new Trip("Anna"));

        await host.DisposeAsync();
        await host.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => running);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => host.RunAsync("trip", new Trip("Anna")));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => host.AdvanceAsync(TimeSpan.FromDays(1)));
    }

    [Fact]
    public async Task Start_WhenSettingsCannotWork_SaysWhich()
    {
        var none = await Assert.ThrowsAsync<InvalidOperationException>(() => SagaTestHost.StartAsync(_ => { }));
        Assert.Equal("SagaTestOptions.Sagas has no definition: add one, as in test.Sagas.Add(OrderSaga.Definition).", none.Message);
        var idle = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            Trips.HostAsync(_agency, test => test.Sagas.Configure(options => options.IdleAfter = TimeSpan.Zero))
        );
        Assert.Contains("SagaOptions.IdleAfter", idle.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SagaDefinitionException>(() =>
            Trips.HostAsync(
                _agency,
                test => test.Sagas.Add(Saga.Define<Trip>("trip", 1).Step("other", step => step.Do((_, _) => Task.CompletedTask)).Build())
            )
        );
    }

    [Fact]
    public async Task DataOf_WhenTheTypeIsWrong_NamesTheRightOne()
    {
        await using var host = await Trips.HostAsync(_agency);
        var end = await host.RunAsync("trip", new Trip("Anna"));

        var exception = Assert.Throws<ArgumentException>(() => host.DataOf<string>(end));

        Assert.StartsWith(
            "The data of a saga of type 'trip' is of the type Trip, not String.",
            exception.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Service_WhenItIsNotRegistered_ShowsInTheSaga()
    {
        await using var host = await SagaTestHost.StartAsync(test => test.Sagas.Add(Trips.Definition));

        var exception = await Assert.ThrowsAsync<SagaWaitTimeoutException>(() => host.RunAsync("trip", new Trip("Anna")));

        Assert.Contains(
            "book-hotel    UndoFailed, 5 attempts, 10 to undo, uncertain, "
                + "InvalidOperationException: No service for type 'OrleansSagas.Tests.Testing.Agency'",
            exception.Message,
            StringComparison.Ordinal
        );
    }
}
