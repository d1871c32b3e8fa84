using OrleansSagas.Shop;
using OrleansSagas.Shop.Books;

namespace OrleansSagas.Tests.Shop;

/// <summary>The audit: right sums when all is well, and a false alarm never, a missed one never.</summary>
public sealed class BooksTests
{
    private const string Order1 = "order-1";

    [Fact]
    public async Task Summarise_WhenTheBooksAreNew_HasTheStockAndNothingElse()
    {
        using var shop = new ShopFixture();

        var books = await shop.Books.SummariseAsync();

        Assert.True(books.Conserved);
        Assert.Equal(["lamp", "mug", "rare-vase", "teapot"], books.Stock.Select(item => item.Item));
        Assert.Equal(new MoneySums(0, 0, 0, 0, 0), books.Money);
        Assert.Equal(0, books.Orders + books.Operations + books.Doubled + books.Open);
    }

    [Fact]
    public async Task Summarise_WhenAnOrderGoesThroughAndIsUndone_FollowsTheMoneyAndTheGoods()
    {
        using var shop = new ShopFixture(options => (options.OpeningBalance, options.Stock["teapot"]) = (100m, 10));
        var order = ShopFixture.Order();

        _ = await shop.DoAsync(OrderSteps.ValidatePayment, Order1, order);
        await AssertSumsAsync(shop, new(100m, 40.20m, 59.80m, 0m, 100m), new("teapot", 10, 10, 0, 0, 10), open: 1);
        _ = await shop.DoAsync(OrderSteps.ReserveInventory, Order1, order);
        await AssertSumsAsync(shop, new(100m, 40.20m, 59.80m, 0m, 100m), new("teapot", 10, 8, 2, 0, 10), open: 1);
        _ = await shop.DoAsync(OrderSteps.ChargePayment, Order1, order);
        await AssertSumsAsync(shop, new(100m, 40.20m, 0m, 59.80m, 100m), new("teapot", 10, 8, 2, 0, 10), open: 1);
        _ = await shop.DoAsync(OrderSteps.CreateShipment, Order1, order);
        await AssertSumsAsync(shop, new(100m, 40.20m, 0m, 59.80m, 100m), new("teapot", 10, 8, 0, 2, 10), open: 0);
        Assert.Equal(1, (await shop.Books.SummariseAsync()).Complete);

        await shop.UndoAsync(OrderSteps.CreateShipment, Order1, order);
        await shop.UndoAsync(OrderSteps.ChargePayment, Order1, order);
        await AssertSumsAsync(shop, new(100m, 40.20m, 59.80m, 0m, 100m), new("teapot", 10, 8, 2, 0, 10), open: 1);
        await shop.UndoAsync(OrderSteps.ReserveInventory, Order1, order);
        await shop.UndoAsync(OrderSteps.ValidatePayment, Order1, order);
        await AssertSumsAsync(shop, new(100m, 100m, 0m, 0m, 100m), new("teapot", 10, 10, 0, 0, 10), open: 0);
        var books = await shop.Books.SummariseAsync();
        Assert.Equal((1, new ShipmentSums(1, 1)), (books.Undone, books.Shipments));
    }

    [Theory]
    [InlineData(OrderSteps.ChargePayment)]
    [InlineData(OrderSteps.CreateShipment)]
    public async Task Undo_WhenAnOperatorSkippedOneUndo_LeavesThatAloneAndConserves(string skipped)
    {
        using var shop = new ShopFixture();
        string[] steps = [OrderSteps.ValidatePayment, OrderSteps.ReserveInventory, OrderSteps.ChargePayment, OrderSteps.CreateShipment];
        foreach (var step in steps)
            _ = await shop.DoAsync(step, Order1, ShopFixture.Order());

        foreach (var step in steps.Reverse().Where(step => step != skipped))
            await shop.UndoAsync(step, Order1, ShopFixture.Order());

        var books = await shop.Books.SummariseAsync();
        Assert.Empty(books.Problems);
        Assert.Equal(1, books.Open);
    }

    public static TheoryData<string> Frauds =>
        new(
            "INSERT INTO ledger (order_id, step, undo, key, unit, source, target, amount) SELECT order_id, step, undo, key, unit, "
                + "source, target, amount FROM ledger WHERE step = 'charge-payment'",
            "INSERT INTO ledger (order_id, step, undo, key, unit, source, target, amount) SELECT order_id, step, 1, key, unit, target, "
                + "source, amount FROM ledger WHERE step = 'charge-payment'",
            "DELETE FROM ledger WHERE step = 'charge-payment'",
            "UPDATE balances SET amount = amount + 1 WHERE account = 'revenue'",
            "UPDATE balances SET amount = amount - 1 WHERE account = 'on-hand' AND unit = 'teapot'",
            "UPDATE balances SET amount = amount - 1 WHERE account = 'customer:ada'",
            "DELETE FROM balances WHERE account = 'shipped'",
            "UPDATE ledger SET amount = amount + 1 WHERE step = 'create-shipment'"
        );

    [Theory]
    [MemberData(nameof(Frauds))]
    public async Task Summarise_WhenTheBooksWereTamperedWith_SaysThatTheyAreNotConserved(string fraud)
    {
        using var shop = new ShopFixture();
        await CompleteAsync(shop);
        Assert.True((await shop.Books.SummariseAsync()).Conserved);

        shop.Tamper(fraud);

        var books = await shop.Books.SummariseAsync();
        Assert.False(books.Conserved);
        Assert.NotEmpty(books.Problems);
    }

    [Fact]
    public async Task Summarise_WhenAnEffectIsDoubledWithItsBalances_CountsItFromTheLedger()
    {
        using var shop = new ShopFixture();
        await CompleteAsync(shop);
        await CompleteAsync(shop, "order-2");

        // The same charge once more under another key: every balance fits the ledger, no account is below zero, and yet.
        _ = await shop.Payments.HoldAsync(Order1, "another-hold", ShopFixture.Order());
        _ = await shop.Payments.ChargeAsync(Order1, "another-charge", ShopFixture.Order());

        var books = await shop.Books.SummariseAsync();
        Assert.Equal(2, books.Doubled);
        Assert.False(books.Conserved);
        _ = Assert.Single(books.Problems);
    }

    [Fact]
    public async Task Open_WhenTheProcessWasKilled_FindsEverythingThatWasAnswered()
    {
        using var shop = new ShopFixture();
        await CompleteAsync(shop);

        // What kill -9 leaves behind: the file and its write-ahead log, nothing closed, nothing checkpointed.
        var copy = shop.Path + ".killed";
        File.Copy(shop.Path, copy);
        File.Copy(shop.Path + "-wal", copy + "-wal");
        using var after = new ShopFixture(options => options.Path = copy);

        var books = await after.Books.SummariseAsync();
        Assert.Equal((true, 1, 4), (books.Conserved, books.Complete, books.Operations));
        await CompleteAsync(after);
        Assert.Equal(0, (await after.Books.SummariseAsync()).Doubled);
    }

    [Theory]
    [InlineData("teapot", 5, -1)]
    [InlineData("money", 5, 1)]
    public void AddShop_WhenAnOptionIsAbsurd_SaysWhich(string item, int opening, int pieces)
    {
        var options = new ShopOptions { OpeningBalance = opening };
        options.Stock[item] = pieces;

        var problem = Assert.Throws<ArgumentException>(() => new ShopBooks(options));

        Assert.Contains("ShopOptions.Stock", problem.Message, StringComparison.Ordinal);
    }

    private static async Task CompleteAsync(ShopFixture shop, string orderId = Order1)
    {
        foreach (
            var step in new[]
            {
                OrderSteps.ValidatePayment,
                OrderSteps.ReserveInventory,
                OrderSteps.ChargePayment,
                OrderSteps.CreateShipment,
            }
        )
            _ = await shop.DoAsync(step, orderId, ShopFixture.Order());
    }

    private static async Task AssertSumsAsync(ShopFixture shop, MoneySums money, StockSums stock, int open)
    {
        var books = await shop.Books.SummariseAsync();
        Assert.Empty(books.Problems);
        Assert.Equal(money, books.Money);
        Assert.Equal(stock, books.Stock.Single(item => item.Item == stock.Item));
        Assert.Equal(open, books.Open);
    }
}
