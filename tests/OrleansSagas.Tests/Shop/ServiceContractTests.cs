using OrleansSagas.Shop;
using OrleansSagas.Shop.Behaviours;

namespace OrleansSagas.Tests.Shop;

/// <summary>What a saga may expect of every service: once per key, and undo as agreed.</summary>
public sealed class ServiceContractTests
{
    private const string Order1 = "order-1";

    private static readonly string[] Steps =
    [
        OrderSteps.ValidatePayment,
        OrderSteps.ReserveInventory,
        OrderSteps.ChargePayment,
        OrderSteps.CreateShipment,
    ];

    public static TheoryData<string> AllSteps => new(Steps);

    [Theory]
    [MemberData(nameof(AllSteps))]
    public async Task Do_WhenRepeatedWithTheSameKey_AnswersTheSameAndDoesItOnce(string step)
    {
        using var shop = new ShopFixture();
        await DoBeforeAsync(shop, step);

        var first = await shop.DoAsync(step, Order1, ShopFixture.Order());
        var second = await shop.DoAsync(step, Order1, ShopFixture.Order());

        Assert.Equal(first, second);
        await AssertEffectsAsync(shop, step, done: 1, undone: 0);
    }

    [Theory]
    [MemberData(nameof(AllSteps))]
    public async Task Do_WhenCalledAtOnceWithTheSameKey_DoesItOnce(string step)
    {
        using var shop = new ShopFixture();
        await DoBeforeAsync(shop, step);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 32).Select(_ => Task.Run(() => shop.DoAsync(step, Order1, ShopFixture.Order())))
        );

        _ = Assert.Single(answers.Distinct());
        await AssertEffectsAsync(shop, step, done: 1, undone: 0);
    }

    [Theory]
    [MemberData(nameof(AllSteps))]
    public async Task Do_WhenTwoProcessesShareTheFile_DoesItOnce(string step)
    {
        using var shop = new ShopFixture();
        using var other = new ShopFixture(options => options.Path = shop.Path);
        await DoBeforeAsync(shop, step);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(i => Task.Run(() => (i % 2 == 0 ? shop : other).DoAsync(step, Order1, ShopFixture.Order())))
        );

        _ = Assert.Single(answers.Distinct());
        await AssertEffectsAsync(shop, step, done: 1, undone: 0);
    }

    [Theory]
    [MemberData(nameof(AllSteps))]
    public async Task Undo_WhenRepeated_UndoesOnce(string step)
    {
        using var shop = new ShopFixture();
        await DoBeforeAsync(shop, step);
        _ = await shop.DoAsync(step, Order1, ShopFixture.Order());

        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => shop.UndoAsync(step, Order1, ShopFixture.Order()))));
        await shop.UndoAsync(step, Order1, ShopFixture.Order());

        await AssertEffectsAsync(shop, step, done: 1, undone: 1);
    }

    [Fact]
    public async Task Undo_WhenComingUnderAnotherKeyForTheSameAction_UndoesOnce()
    {
        using var shop = new ShopFixture();
        var action = ShopFixture.Key(Order1, OrderSteps.ValidatePayment);
        _ = await shop.DoAsync(OrderSteps.ValidatePayment, Order1, ShopFixture.Order());

        await shop.Payments.ReleaseHoldAsync(Order1, "undo-a", action, ShopFixture.Order());
        await shop.Payments.ReleaseHoldAsync(Order1, "undo-b", action, ShopFixture.Order());

        await AssertEffectsAsync(shop, OrderSteps.ValidatePayment, done: 1, undone: 1);
    }

    [Theory]
    [MemberData(nameof(AllSteps))]
    public async Task Undo_WhenTheActionWasNeverSeen_SucceedsAndBarsIt(string step)
    {
        using var shop = new ShopFixture();
        await DoBeforeAsync(shop, step);

        await shop.UndoAsync(step, Order1, ShopFixture.Order());
        _ = await Assert.ThrowsAsync<StepRejectedException>(() => shop.DoAsync(step, Order1, ShopFixture.Order()));
        shop.Restart();
        _ = await Assert.ThrowsAsync<StepRejectedException>(() => shop.DoAsync(step, Order1, ShopFixture.Order()));

        await AssertEffectsAsync(shop, step, done: 0, undone: 0);
    }

    [Fact]
    public async Task Do_WhenItWasDoneAndUndone_IsRefused()
    {
        using var shop = new ShopFixture();
        _ = await shop.DoAsync(OrderSteps.ValidatePayment, Order1, ShopFixture.Order());
        await shop.UndoAsync(OrderSteps.ValidatePayment, Order1, ShopFixture.Order());

        _ = await Assert.ThrowsAsync<StepRejectedException>(() => shop.DoAsync(OrderSteps.ValidatePayment, Order1, ShopFixture.Order()));

        await AssertEffectsAsync(shop, OrderSteps.ValidatePayment, done: 1, undone: 1);
    }

    [Fact]
    public async Task Do_WhenItWasRejected_IsRejectedAgainForTheSameReason()
    {
        using var shop = new ShopFixture();
        var order = ShopFixture.Order() with { Item = "rare-vase" };
        var first = await Assert.ThrowsAsync<StepRejectedException>(() => shop.DoAsync(OrderSteps.ReserveInventory, Order1, order));
        Assert.Equal(5, await shop.Books.RestockAsync("rare-vase", 5));

        var second = await Assert.ThrowsAsync<StepRejectedException>(() => shop.DoAsync(OrderSteps.ReserveInventory, Order1, order));
        Assert.Equal(first.Message, second.Message);
        _ = await shop.DoAsync(OrderSteps.ReserveInventory, "order-2", order);
    }

    [Fact]
    public async Task Do_WhenTheKeyWasUsedForSomethingElse_FailsAndDoesNothing()
    {
        using var shop = new ShopFixture();
        _ = await shop.Payments.HoldAsync(Order1, "key", ShopFixture.Order());

        _ = await Assert.ThrowsAsync<InvalidOperationException>(() => shop.Inventory.ReserveAsync(Order1, "key", ShopFixture.Order()));
        _ = await Assert.ThrowsAsync<InvalidOperationException>(() => shop.Payments.HoldAsync("order-2", "key", ShopFixture.Order()));

        Assert.True((await shop.Books.SummariseAsync()).Conserved);
    }

    [Fact]
    public async Task Undo_WhenAnAttemptIsInFlight_WaitsForItAndUndoesIt()
    {
        using var shop = new ShopFixture(options => options.UndoWait = TimeSpan.FromMinutes(1));
        var order = ShopFixture.Order(OrderSteps.ValidatePayment, new StepBehaviour { SlowSeconds = 5 });
        var attempt = Task.Run(() => shop.DoAsync(OrderSteps.ValidatePayment, Order1, order));
        await shop.Time.HasTimersAsync(1);

        var undo = shop.UndoAsync(OrderSteps.ValidatePayment, Order1, order);
        await shop.Time.HasTimersAsync(2);
        Assert.False(undo.IsCompleted);
        shop.Time.Advance(TimeSpan.FromSeconds(5));
        _ = await attempt;
        await undo;

        await AssertEffectsAsync(shop, OrderSteps.ValidatePayment, done: 1, undone: 1);
    }

    [Fact]
    public async Task Undo_WhenTheAttemptInFlightTakesTooLong_GoesOnAndBarsIt()
    {
        using var shop = new ShopFixture(options => options.UndoWait = TimeSpan.FromSeconds(1));
        var order = ShopFixture.Order(OrderSteps.ValidatePayment, new StepBehaviour { SlowSeconds = 5 });
        var attempt = Task.Run(() => shop.DoAsync(OrderSteps.ValidatePayment, Order1, order));
        await shop.Time.HasTimersAsync(1);

        var undo = shop.UndoAsync(OrderSteps.ValidatePayment, Order1, order);
        await shop.Time.HasTimersAsync(2);
        shop.Time.Advance(TimeSpan.FromSeconds(1));
        await undo;
        shop.Time.Advance(TimeSpan.FromSeconds(4));

        _ = await Assert.ThrowsAsync<StepRejectedException>(() => attempt);
        await AssertEffectsAsync(shop, OrderSteps.ValidatePayment, done: 0, undone: 0);
    }

    private static async Task DoBeforeAsync(ShopFixture shop, string step)
    {
        foreach (var earlier in Steps.TakeWhile(earlier => earlier != step))
            _ = await shop.DoAsync(earlier, Order1, ShopFixture.Order());
    }

    private static async Task AssertEffectsAsync(ShopFixture shop, string step, int done, int undone)
    {
        var effects = (await shop.Books.FindOrderAsync(Order1))?.Effects.Where(effect => effect.Step == step).ToList() ?? [];
        Assert.Equal(done, effects.Count(effect => !effect.Undo));
        Assert.Equal(undone, effects.Count(effect => effect.Undo));
        var books = await shop.Books.SummariseAsync();
        Assert.Empty(books.Problems);
        Assert.True(books.Conserved);
    }
}
