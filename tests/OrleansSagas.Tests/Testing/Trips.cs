using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Testing;

namespace OrleansSagas.Tests.Testing;

/// <summary>The saga that these tests run: book a hotel, book a flight, send the tickets.</summary>
internal static class Trips
{
    public static SagaDefinition Definition { get; } = Define();

    public static SagaDefinition Define(TimeSpan? deadline = null, RetryPolicy? retry = null, string type = "trip")
    {
        var saga = Saga.Define<Trip>(type)
            .Tag("traveller", trip => trip.Traveller)
            .Step(
                "book-hotel",
                step =>
                    step.Do(
                            (Agency agency, Trip _, StepContext context) => agency.BookAsync(context),
                            (trip, hotel) => trip with { Hotel = hotel }
                        )
                        .Undo((Agency agency, Trip _, UndoContext context) => agency.CancelAsync(context))
            )
            .Step(
                "book-flight",
                step =>
                    step.Do(
                            (Agency agency, Trip _, StepContext context) => agency.BookAsync(context),
                            (trip, flight) => trip with { Flight = flight }
                        )
                        .Undo((Agency agency, Trip _, UndoContext context) => agency.CancelAsync(context))
                        .Retry(retry ?? RetryPolicy.Default)
            )
            .Step("send-tickets", step => step.Do((Agency agency, Trip _, StepContext context) => agency.BookAsync(context)));
        return (deadline is { } longest ? saga.Deadline(longest) : saga).Build();
    }

    /// <summary>A host of trips over <paramref name="agency"/>.</summary>
    public static Task<SagaTestHost> HostAsync(Agency agency, Action<SagaTestOptions>? more = null, SagaDefinition? definition = null) =>
        SagaTestHost.StartAsync(test =>
        {
            test.Sagas.Add(definition ?? Definition);
            test.Services.AddSingleton(agency);
            more?.Invoke(test);
        });

    public static async Task<string[]> EventsAsync(this SagaTestHost host, SagaId saga)
    {
        var events = new List<string>();
        await foreach (var entry in host.Client.Get(saga).HistoryAsync())
            events.Add(entry.Event);
        return [.. events];
    }
}
