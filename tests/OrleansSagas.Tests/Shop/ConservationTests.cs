using FsCheck;
using FsCheck.Fluent;
using OrleansSagas.Shop;
using OrleansSagas.Shop.Behaviours;

namespace OrleansSagas.Tests.Shop;

/// <summary>Whatever happens, in whatever order, nothing is lost and nothing is made.</summary>
public sealed class ConservationTests
{
    private static readonly string[] Steps =
    [
        OrderSteps.ValidatePayment,
        OrderSteps.ReserveInventory,
        OrderSteps.ChargePayment,
        OrderSteps.CreateShipment,
    ];

    private static Config Runs => Config.QuickThrowOnFailure.WithMaxTest(25);

    /// <summary>Calls at random: any step or undo of any of three orders, under any key, all at once.</summary>
    [Fact]
    public void Books_WhenCalledAtRandomAndAtOnce_AreConserved()
    {
        var call =
            from order in Gen.Choose(0, 2)
            from step in Gen.Choose(0, 3)
            from undo in Gen.Elements(false, true)
            from lose in Gen.Choose(0, 1)
            select (Order: $"order-{order}", Step: Steps[step], Undo: undo, Lose: lose);
        var calls = call.ListOf(40).ToArbitrary();

        Prop.ForAll(
                calls,
                all =>
                {
                    using var shop = new ShopFixture(options => (options.OpeningBalance, options.Stock["teapot"]) = (150m, 5));
                    var tasks = all.Select(one =>
                        Task.Run(async () =>
                        {
                            var order = ShopFixture.Order(
                                (one.Undo ? "undo:" : "") + one.Step,
                                new StepBehaviour { LoseAnswerTimes = one.Lose }
                            );
                            await IgnoringTroubleAsync(() =>
                                one.Undo ? shop.UndoAsync(one.Step, one.Order, order) : shop.DoAsync(one.Step, one.Order, order)
                            );
                        })
                    );
                    Task.WhenAll(tasks).GetAwaiter().GetResult();
                    var books = shop.Books.SummariseAsync().GetAwaiter().GetResult();
                    Assert.Empty(books.Problems);
                }
            )
            .Check(Runs);
    }

    /// <summary>Sagas at random: forward up to a point, each step repeated and its answer lost, then undone in reverse.</summary>
    [Fact]
    public void Books_WhenEveryOrderIsUndoneInReverse_RestoreTheCustomerAndTheShelf()
    {
        var saga =
            from reached in Gen.Choose(0, 4)
            from repeats in Gen.Choose(1, 3)
            from late in Gen.Elements(false, true)
            select (Reached: reached, Repeats: repeats, Late: late);

        Prop.ForAll(
                saga.ListOf(6).ToArbitrary(),
                all =>
                {
                    using var shop = new ShopFixture(options => (options.OpeningBalance, options.Stock["teapot"]) = (1000m, 100));
                    var runs = all.Select(
                        (one, index) => Task.Run(() => RunAsync(shop, $"order-{index}", one.Reached, one.Repeats, one.Late))
                    );
                    Task.WhenAll(runs).GetAwaiter().GetResult();

                    var books = shop.Books.SummariseAsync().GetAwaiter().GetResult();
                    Assert.Empty(books.Problems);
                    Assert.Equal(0, books.Open + books.HoldsOpen + books.Complete);
                    Assert.Equal(books.Money.Opened, books.Money.Customers);
                    Assert.All(books.Stock, item => Assert.Equal(item.Seeded, item.OnHand));
                    Assert.Equal(books.Shipments.Created, books.Shipments.Cancelled);
                }
            )
            .Check(Runs);
    }

    private static async Task RunAsync(ShopFixture shop, string id, int reached, int repeats, bool late)
    {
        foreach (var step in Steps.Take(reached))
            await RepeatAsync(() => shop.DoAsync(step, id, ShopFixture.Order(step, new StepBehaviour { LoseAnswerTimes = 1 })));

        // A step that was given up may arrive at any time, also between the undos or after them all.
        var straggler =
            reached < Steps.Length && late
                ? Task.Run(() => IgnoringTroubleAsync(() => shop.DoAsync(Steps[reached], id, ShopFixture.Order())))
                : Task.CompletedTask;
        foreach (var step in Steps.Take(reached + 1).Reverse())
            await RepeatAsync(() => shop.UndoAsync(step, id, ShopFixture.Order()));
        await straggler;

        Task RepeatAsync(Func<Task> call) =>
            Task.WhenAll(Enumerable.Range(0, repeats + 1).Select(_ => Task.Run(() => IgnoringTroubleAsync(call))));
    }

    private static async Task IgnoringTroubleAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception trouble) when (trouble is StepRejectedException or ShopTroubleException)
        {
            // What the books say afterwards is the test.
        }
    }
}
