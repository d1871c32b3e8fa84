namespace OrleansSagas.Engine.Tests;

public sealed class LocalEngineTests
{
    public sealed record Trip(string Name, string? Hotel = null, string? Flight = null, bool FlightIsFull = false);

    private static SagaDefinition TripSaga(List<string> log) =>
        Saga.Define<Trip>("trip")
            .Tag("name", trip => trip.Name)
            .Step(
                "hotel",
                step =>
                    step.Do((trip, context) => Log(log, $"hotel {context.Attempt}", "h1"), (trip, hotel) => trip with { Hotel = hotel })
                        .Undo((trip, context) => Log(log, $"undo hotel {trip.Hotel}", 0))
            )
            .Step(
                "flight",
                step =>
                    step.Do(
                        (trip, context) =>
                            trip.FlightIsFull ? throw new StepRejectedException("The flight is full.") : Log(log, "flight", "f1"),
                        (trip, flight) => trip with { Flight = flight }
                    )
            )
            .Build();

    private static Task<T> Log<T>(List<string> log, string what, T result)
    {
        lock (log)
            log.Add(what);
        return Task.FromResult(result);
    }

    [Fact]
    public async Task Start_WhenEveryStepSucceeds_Completes()
    {
        List<string> log = [];
        await using var engine = await new EngineFixture(TripSaga(log)).StartAsync();
        var view = await engine.RunAsync("trip", new Trip("anna"));
        Assert.Equal(SagaStatus.Completed, view.Status);
        Assert.Equal(["hotel 1", "flight"], log);
        Assert.Equal(new Trip("anna", "h1", "f1"), view.Data!.Value.As<Trip>());
        Assert.Equal(["started", "step-succeeded", "step-succeeded", "ended"], await engine.EventsAsync(view.Id));
        Assert.Equal("anna", view.Tags["name"]);
        await engine.IdleAsync();
    }

    [Fact]
    public async Task Start_WhenAStepIsRejected_UndoesInReverse()
    {
        List<string> log = [];
        await using var engine = await new EngineFixture(TripSaga(log)).StartAsync();
        var view = await engine.RunAsync("trip", new Trip("anna", FlightIsFull: true));
        Assert.Equal(SagaStatus.Compensated, view.Status);
        Assert.Equal(["hotel 1", "undo hotel h1"], log);
        Assert.Equal("The flight is full.", view.Error!.Message);
    }
}
