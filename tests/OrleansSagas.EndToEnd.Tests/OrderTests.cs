using System.Net.Http.Json;
using System.Text.Json;

namespace OrleansSagas.EndToEnd.Tests;

/// <summary>The six orders of the sample, as its README says how they end.</summary>
public sealed class OrderTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    [Theory]
    [InlineData("ok", SagaStatus.Completed)]
    [InlineData("card-declined", SagaStatus.Compensated)]
    [InlineData("out-of-stock", SagaStatus.Compensated)]
    [InlineData("flaky", SagaStatus.Completed)]
    [InlineData("slow", SagaStatus.Completed)]
    public async Task SampleOrder_EndsAsItsReadmeSays(string name, SagaStatus status)
    {
        var saga = await silo.Sagas.StartAsync("order", SampleOrders.Read(name));
        var view = await saga.EndsAsync(status);

        var books = await BooksAsync(saga.Id);
        Assert.True(
            books.GetProperty(status == SagaStatus.Completed ? "complete" : "undone").GetBoolean(),
            $"The books of {name}: {books}"
        );
        if (name == "flaky")
            Assert.Equal(3, view.Steps.Single(step => step.Path == "charge-payment").Attempts);
        if (name == "card-declined")
            Assert.Equal(StepStatus.Rejected, view.Steps.Single(step => step.Path == "charge-payment").Status);
    }

    [Fact]
    public async Task UndoFails_WhenRepairedAndRetried_IsCompensated()
    {
        var saga = await StuckAsync();
        using var repaired = await silo.Http.PostAsync(new Uri($"shop/repair?order={saga.Id}", UriKind.Relative), null);
        Assert.True(repaired.IsSuccessStatusCode);
        await saga.RetryAsync("the shelf was cleared", actor: "olga");

        var view = await saga.EndsAsync(SagaStatus.Compensated);
        Assert.Equal(StepStatus.Undone, Reservation(view).Status);
        Assert.True((await BooksAsync(saga.Id)).GetProperty("undone").GetBoolean());
    }

    [Fact]
    public async Task UndoFails_WhenSkipped_GoesOnAndSaysSo()
    {
        var saga = await StuckAsync();
        await saga.SkipAsync("one teapot is not worth it", actor: "olga");

        var view = await saga.EndsAsync(SagaStatus.Compensated);
        Assert.Equal((StepStatus.UndoSkipped, "one teapot is not worth it"), (Reservation(view).Status, Reservation(view).Note));
        Assert.Contains(await saga.HistoryAsync().ToListAsync(), entry => entry is { Event: "undo-skipped", Actor: "olga" });
    }

    [Fact]
    public async Task UndoFails_WhenResolved_GoesOnAndSaysSo()
    {
        var saga = await StuckAsync();
        await saga.ResolveAsync("put back by hand");

        var view = await saga.EndsAsync(SagaStatus.Compensated);
        Assert.Equal((StepStatus.UndoResolved, "put back by hand"), (Reservation(view).Status, Reservation(view).Note));
    }

    private async Task<ISagaHandle> StuckAsync()
    {
        var saga = await silo.Sagas.StartAsync("order", SampleOrders.Read("undo-fails"));
        var view = await saga.UntilAsync(view => view.Status == SagaStatus.Stuck, "Stuck");
        Assert.Equal(StepStatus.UndoFailed, Reservation(view).Status);
        return saga;
    }

    private static StepView Reservation(SagaView view) => view.Steps.Single(step => step.Path == "reserve-inventory");

    private Task<JsonElement> BooksAsync(SagaId saga) =>
        silo.Http.GetFromJsonAsync<JsonElement>(new Uri($"shop/books/{saga}", UriKind.Relative));
}
