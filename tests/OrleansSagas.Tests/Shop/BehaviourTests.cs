using OrleansSagas.Shop;
using OrleansSagas.Shop.Behaviours;

namespace OrleansSagas.Tests.Shop;

/// <summary>Each thing that an order can ask a service to do wrong.</summary>
public sealed class BehaviourTests
{
    private const string Order1 = "order-1";
    private const string Step = OrderSteps.ValidatePayment;

    [Fact]
    public async Task Do_WhenToDecline_RejectsAndDoesNothing()
    {
        using var shop = new ShopFixture();
        var order = ShopFixture.Order(Step, new StepBehaviour { Decline = true });

        _ = await Assert.ThrowsAsync<StepRejectedException>(() => shop.DoAsync(Step, Order1, order));

        Assert.Equal(0, await EffectsAsync(shop));
    }

    [Fact]
    public async Task Do_WhenToFailTwice_FailsTwiceAlsoAcrossARestart()
    {
        using var shop = new ShopFixture();
        var order = ShopFixture.Order(Step, new StepBehaviour { FailTimes = 2 });

        _ = await Assert.ThrowsAsync<ShopTroubleException>(() => shop.DoAsync(Step, Order1, order));
        shop.Restart();
        _ = await Assert.ThrowsAsync<ShopTroubleException>(() => shop.DoAsync(Step, Order1, order));
        Assert.Equal(0, await EffectsAsync(shop));
        _ = await shop.DoAsync(Step, Order1, order);

        Assert.Equal(1, await EffectsAsync(shop));
    }

    [Fact]
    public async Task Do_WhenToLoseItsAnswer_DoesItAndThrowsAndThenAnswersWhatItDid()
    {
        using var shop = new ShopFixture();
        var order = ShopFixture.Order(Step, new StepBehaviour { LoseAnswerTimes = 1 });

        _ = await Assert.ThrowsAsync<ShopTroubleException>(() => shop.DoAsync(Step, Order1, order));
        Assert.Equal(1, await EffectsAsync(shop));
        _ = await shop.DoAsync(Step, Order1, order);

        Assert.Equal(1, await EffectsAsync(shop));
    }

    [Fact]
    public async Task Do_WhenToHang_EndsOnlyWhenCancelled()
    {
        using var shop = new ShopFixture();
        using var cancel = new CancellationTokenSource();
        var order = ShopFixture.Order(Step, new StepBehaviour { HangTimes = 1, SlowSeconds = 1 });
        var hanging = shop.DoAsync(Step, Order1, order, cancel.Token);
        await shop.Time.HasTimersAsync(1);
        shop.Time.Advance(TimeSpan.FromHours(1));

        await cancel.CancelAsync();

        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
        Assert.Equal(0, await EffectsAsync(shop));
    }

    [Fact]
    public async Task Do_WhenToHangWhateverTheCallerWants_IgnoresCancellationAndTheNextAttemptSucceeds()
    {
        using var shop = new ShopFixture();
        using var cancel = new CancellationTokenSource();
        var order = ShopFixture.Order(Step, new StepBehaviour { HangTimes = 1, IgnoreCancellation = true });
        await cancel.CancelAsync();
        var hanging = shop.DoAsync(Step, Order1, order, cancel.Token);
        while (await AttemptsAsync(shop) == 0)
            await Task.Yield();

        _ = await shop.DoAsync(Step, Order1, order);

        Assert.False(hanging.IsCompleted);
        Assert.Equal(1, await EffectsAsync(shop));
    }

    [Fact]
    public async Task Do_WhenToAnswerLate_DoesItFirst()
    {
        using var shop = new ShopFixture();
        var order = ShopFixture.Order(Step, new StepBehaviour { LateSeconds = 5, LateTimes = 1 });

        var late = shop.DoAsync(Step, Order1, order);
        await shop.Time.HasTimersAsync(1);
        Assert.Equal(1, await EffectsAsync(shop));
        var second = await shop.DoAsync(Step, Order1, order);
        Assert.False(late.IsCompleted);
        shop.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(second, await late);
    }

    [Fact]
    public async Task Do_WhenTheCallerGivesUpOnALateAnswer_LeavesTheEffect()
    {
        using var shop = new ShopFixture();
        using var cancel = new CancellationTokenSource();
        var late = shop.DoAsync(Step, Order1, ShopFixture.Order(Step, new StepBehaviour { LateSeconds = 5 }), cancel.Token);
        await shop.Time.HasTimersAsync(1);

        await cancel.CancelAsync();

        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late);
        Assert.Equal(1, await EffectsAsync(shop));
    }

    [Fact]
    public async Task Undo_WhenToFailForGood_FailsUntilRepairedAndThenUndoes()
    {
        using var shop = new ShopFixture();
        var order = ShopFixture.Order("undo:" + Step, new StepBehaviour { FailAlways = true });
        _ = await shop.DoAsync(Step, Order1, order);

        for (var attempt = 0; attempt < 5; attempt++)
            _ = await Assert.ThrowsAsync<ShopTroubleException>(() => shop.UndoAsync(Step, Order1, order));
        shop.Restart();
        _ = await Assert.ThrowsAsync<ShopTroubleException>(() => shop.UndoAsync(Step, Order1, order));
        Assert.Equal(1, await EffectsAsync(shop));
        Assert.Equal(1, await shop.Books.RepairAsync());
        await shop.UndoAsync(Step, Order1, order);

        Assert.Equal(2, await EffectsAsync(shop));
        Assert.Equal(1, (await shop.Books.SummariseAsync()).Undone);
    }

    [Fact]
    public async Task Undo_WhenToLoseItsAnswer_UndoesOnce()
    {
        using var shop = new ShopFixture();
        var order = ShopFixture.Order("undo:" + Step, new StepBehaviour { LoseAnswerTimes = 2 });
        _ = await shop.DoAsync(Step, Order1, order);

        _ = await Assert.ThrowsAsync<ShopTroubleException>(() => shop.UndoAsync(Step, Order1, order));
        _ = await Assert.ThrowsAsync<ShopTroubleException>(() => shop.UndoAsync(Step, Order1, order));
        await shop.UndoAsync(Step, Order1, order);

        Assert.Equal(2, await EffectsAsync(shop));
    }

    [Fact]
    public async Task Repair_WhenOneOrderIsNamed_LeavesTheOthers()
    {
        using var shop = new ShopFixture();
        var order = ShopFixture.Order(Step, new StepBehaviour { FailAlways = true });
        _ = await Assert.ThrowsAsync<ShopTroubleException>(() => shop.DoAsync(Step, Order1, order));

        Assert.Equal(1, await shop.Books.RepairAsync(Order1));

        _ = await shop.DoAsync(Step, Order1, order);
        _ = await Assert.ThrowsAsync<ShopTroubleException>(() => shop.DoAsync(Step, "order-2", order));
    }

    private static async Task<int> EffectsAsync(ShopFixture shop) => (await shop.Books.FindOrderAsync(Order1))?.Effects.Count ?? 0;

    private static Task<long> AttemptsAsync(ShopFixture shop) => Task.FromResult(shop.Read("SELECT COALESCE(SUM(count), 0) FROM attempts"));
}
