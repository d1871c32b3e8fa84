namespace OrleansSagas.Tests.Testing;

/// <summary>Whether the clock moves while a step has not returned.</summary>
public sealed class StepTimeTests
{
    private readonly Agency _agency = new();

    [Fact]
    public async Task Clock_WhenAStepIsReallyAtWork_StandsStill()
    {
        _agency.Before = async _ => await Task.Run(() => Thread.Sleep(30)).ConfigureAwait(false);
        await using var host = await Trips.HostAsync(_agency);
        var began = host.Time.GetUtcNow();

        var end = await host.RunAsync("trip", new Trip("Anna"));

        Assert.Equal(SagaStatus.Completed, end.Status);
        Assert.Equal(began, host.Time.GetUtcNow());
        Assert.Equal(["do book-hotel 1", "do book-flight 1", "do send-tickets 1"], _agency.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Clock_WhenAStepWaitsForIt_MovesAtOnce(bool leavesTheScheduler)
    {
        // Were this step taken for one at work, the clock would stand still for longer than the test may take.
        await using var host = await Trips.HostAsync(_agency, test => test.Grace = TimeSpan.FromHours(1));
        _agency.Before = async context =>
            await Task.Delay(TimeSpan.FromSeconds(10), host.Time, context.Cancellation).ConfigureAwait(!leavesTheScheduler);

        var end = await host.RunAsync("trip", new Trip("Anna"));

        Assert.Equal(SagaStatus.Completed, end.Status);
        Assert.Equal(TimeSpan.FromSeconds(30), end.EndedAt - end.StartedAt);
    }

    [Fact]
    public async Task Clock_WhenAStepTakesLongerThanItsTimeout_CancelsIt()
    {
        await using var host = await Trips.HostAsync(_agency, test => test.Grace = TimeSpan.FromHours(1));
        _agency.Before = context =>
            context is { Step: "book-flight", Attempt: 1 }
                ? Task.Delay(TimeSpan.FromMinutes(10), host.Time, context.Cancellation)
                : Task.CompletedTask;

        var end = await host.RunAsync("trip", new Trip("Anna"));

        Assert.Equal(SagaStatus.Completed, end.Status);
        Assert.Equal("timeout", end.Steps[1].Error!.Type);
        Assert.Equal(2, end.Steps[1].Attempts);
    }

    [Fact]
    public async Task Clock_WhenAStepHangsUnknownToTheHost_MovesOnAfterTheGrace()
    {
        await using var host = await Trips.HostAsync(_agency, test => test.Grace = TimeSpan.FromMilliseconds(20));
        _agency.Before = context => context is { Step: "book-flight", Attempt: 1 } ? new TaskCompletionSource().Task : Task.CompletedTask;

        var end = await host.RunAsync("trip", new Trip("Anna"));

        Assert.Equal((SagaStatus.Completed, 2), (end.Status, end.Steps[1].Attempts));
    }

    [Fact]
    public async Task Step_WhenTheTestHoldsIt_GoesOnWhenTheTestLetsGo()
    {
        await using var host = await Trips.HostAsync(_agency, test => test.Grace = TimeSpan.FromMilliseconds(20));
        var gate = new TaskCompletionSource();
        _agency.Before = context => context.Step == "book-flight" ? gate.Task : Task.CompletedTask;
        var saga = await host.Client.StartAsync("trip", new Trip("Anna"));
        Assert.Equal(StepStatus.Running, (await saga.GetAsync()).Steps[1].Status);

        gate.SetResult();

        var end = await saga.WaitAsync();
        Assert.Equal((SagaStatus.Completed, 1), (end.Status, end.Steps[1].Attempts));
        Assert.Equal(end.StartedAt, end.EndedAt);
    }

    [Fact]
    public async Task Call_WhenAStepBlocksItsThread_EndsAtTheRealDeadlineAndNamesTheStep()
    {
        using var gate = new ManualResetEventSlim();
        _agency.Before = context =>
        {
            if (context.Step == "book-flight")
                gate.Wait();
            return Task.CompletedTask;
        };
        await using var host = await Trips.HostAsync(_agency, test => test.Deadline = TimeSpan.FromMilliseconds(200));

        var exception = await Assert.ThrowsAsync<SagaWaitTimeoutException>(() => host.RunAsync("trip", new Trip("Anna")));

        Assert.Contains("of real time for", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("In flight: attempt 1 to do 'book-flight' of saga 'saga-1'.", exception.Message, StringComparison.Ordinal);
        gate.Set();
    }

    [Fact]
    public async Task Step_WhenItStartsAnotherSagaAndWaitsForIt_IsNotAtWorkMeanwhile()
    {
        var parent = Saga.Define<Trip>("family")
            .Step(
                "each",
                step =>
                    step.Do(
                        (ISagaClient sagas, Trip trip, StepContext context) =>
                            sagas.StartAndWaitAsync(
                                "trip",
                                trip,
                                new StartOptions { RequestId = context.Key },
                                timeout: null,
                                context.Cancellation
                            )
                    )
            )
            .Build();
        await using var host = await Trips.HostAsync(
            _agency,
            test =>
            {
                test.Sagas.Add(parent);
                test.Grace = TimeSpan.FromHours(1);
            }
        );
        host.Faults.Step("book-flight").Fails(3);

        var end = await host.RunAsync("family", new Trip("Anna"));

        Assert.Equal((SagaStatus.Completed, 1), (end.Status, end.Steps[0].Attempts));
        Assert.Equal(4, (await host.Client.Get(new SagaId("saga-2")).GetAsync()).Steps[1].Attempts);
    }
}
