using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Shop;
using OrleansSagas.Shop.Books;
using OrleansSagas.Testing;
using OrleansSagas.TestKit;

namespace OrleansSagas.Tests.Shop;

/// <summary>The order's saga as its authors test it: the real services over books of this test, on virtual time, with faults.</summary>
public sealed class OrderSagaTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Steps =>
        new(OrderSteps.ValidatePayment, OrderSteps.ReserveInventory, OrderSteps.ChargePayment, OrderSteps.CreateShipment);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Order_WhenAllIsWell_IsCharged()
    {
        await using var host = await StartAsync();

        var end = await host.RunAsync("order", ShopFixture.Order());

        Assert.Equal(SagaStatus.Completed, end.Status);
        Assert.NotNull(host.DataOf<Order>(end).ChargeId);
        Assert.NotNull(host.DataOf<Order>(end).ShipmentId);
        Assert.Equal(59.80m, (await BooksAsync(host)).Money.Revenue);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Order_WhenAStepLosesItsAnswerAndThenIsSlow_IsChargedOnce(string step)
    {
        await using var host = await StartAsync();
        host.Faults.Step(step).LosesAnswer().TimesOut().AnswersLate();

        var end = await host.RunAsync("order", ShopFixture.Order());

        Assert.Equal(SagaStatus.Completed, end.Status);
        Assert.Equal(59.80m, (await BooksAsync(host)).Money.Revenue);
        host.Faults.Verify();
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Order_WhenAStepIsRejectedAfterACrash_LeavesNothing(string step)
    {
        await using var host = await StartAsync();
        host.Faults.Step(step).CrashesAfter().IsRejected("No.");

        var end = await host.RunAsync("order", ShopFixture.Order());

        Assert.Equal(SagaStatus.Compensated, end.Status);
        Assert.Equal(0m, (await BooksAsync(host)).Money.Revenue);
        host.Faults.Verify();
    }

    [Fact]
    public void Order_WhenTheChargeIsRejected_GivesTheGoodsBackBeforeTheMoney() =>
        SagaSpec
            .Given(OrderSaga.Definition, ShopFixture.Order())
            .WhenSucceeds(OrderSteps.ValidatePayment, new Receipt("hold-1"))
            .WhenSucceeds(OrderSteps.ReserveInventory, new Receipt("reservation-1"))
            .Then<Order>(order => order.HoldId == "hold-1" && order.ReservationId == "reservation-1")
            .WhenRejected(OrderSteps.ChargePayment)
            .ThenUndoes(OrderSteps.ReserveInventory)
            .WhenUndone(OrderSteps.ReserveInventory)
            .ThenUndoes(OrderSteps.ValidatePayment)
            .WhenUndone(OrderSteps.ValidatePayment)
            .ThenIs(SagaStatus.Compensated);

    private Task<SagaTestHost> StartAsync() =>
        SagaTestHost.StartAsync(test =>
        {
            test.Sagas.Add(OrderSaga.Definition);
            test.Services.AddShop(shop => shop.Path = _folder.File("shop.db"));
        });

    private static async Task<BooksSummary> BooksAsync(SagaTestHost host)
    {
        var books = await host.Services.GetRequiredService<ShopBooks>().SummariseAsync();
        Assert.True(books.Conserved);
        return books;
    }
}
