using System.Text.Json;
using OrleansSagas.Shop;
using OrleansSagas.Shop.Behaviours;

namespace OrleansSagas.Tests.Shop;

/// <summary>Orders as people write them.</summary>
public sealed class OrderTests
{
    public static TheoryData<string> Files => new("ok", "card-declined", "out-of-stock", "flaky", "slow", "undo-fails");

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Hold_WhenTheOrderIsOneToTry_AcceptsIt(string name)
    {
        using var shop = new ShopFixture();
        var order = Read(name);

        var hold = shop.DoAsync(OrderSteps.ValidatePayment, name, order);
        if (name == "slow")
        {
            await shop.Time.HasTimersAsync(1);
            shop.Time.Advance(TimeSpan.FromSeconds(2));
        }

        _ = await hold;
        Assert.True(order.Total <= 1_000_000m);
    }

    [Fact]
    public void Order_WhenWrittenAndRead_IsTheSame()
    {
        var order = Read("undo-fails") with { HoldId = "h", ReservationId = "r", ChargeId = "c", ShipmentId = "s" };
        var text = JsonSerializer.Serialize(order, JsonSerializerOptions.Web);

        var again = JsonSerializer.Deserialize<Order>(text, JsonSerializerOptions.Web)!;

        Assert.Equal(text, JsonSerializer.Serialize(again, JsonSerializerOptions.Web));
        Assert.Equal(order with { Behaviour = null }, again with { Behaviour = null });
        Assert.Equal(order.Behaviour, again.Behaviour);
    }

    [Fact]
    public void Order_WhenABehaviourIsMisspelt_IsNotRead() =>
        Assert.Throws<JsonException>(() =>
            JsonSerializer.Deserialize<Order>("""{"behaviour":{"charge-payment":{"failTime":1}}}""", JsonSerializerOptions.Web)
        );

    public static TheoryData<string> Absurd =>
        new(
            """{"quantity":-1}""",
            """{"quantity":0}""",
            """{"quantity":2147483647}""",
            """{"total":-59.8}""",
            """{"total":0}""",
            """{"total":0.001}""",
            """{"total":79228162514264337593543950335}""",
            """{"customer":null}""",
            """{"customer":""}""",
            """{"item":null}""",
            """{"card":null}""",
            """{"behaviour":{"charge-paymnt":{"decline":true}}}""",
            """{"behaviour":{"charge-payment":null}}""",
            """{"behaviour":{"charge-payment":{"failTimes":-1}}}""",
            """{"behaviour":{"charge-payment":{"lateSeconds":-1}}}""",
            """{"behaviour":{"validate-payment":{"slowSeconds":-1e300}}}""",
            """{"behaviour":{"undo:charge-payment":{"decline":true}}}"""
        );

    [Theory]
    [MemberData(nameof(Absurd))]
    public async Task Hold_WhenAValueIsAbsurd_RejectsAndDoesNothing(string change)
    {
        using var shop = new ShopFixture();
        var fields = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(
            """{"customer":"ada","card":"4000","item":"teapot","quantity":1,"total":5}"""
        )!;
        foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(change)!)
            fields[name] = value;
        var order = JsonSerializer.Deserialize<Order>(JsonSerializer.Serialize(fields), JsonSerializerOptions.Web)!;

        _ = await Assert.ThrowsAsync<StepRejectedException>(() => shop.DoAsync(OrderSteps.ValidatePayment, "order-1", order));

        Assert.Empty((await shop.Books.FindOrderAsync("order-1"))!.Effects);
    }

    [Fact]
    public async Task Hold_WhenTheCustomerHasTooLittle_Rejects()
    {
        using var shop = new ShopFixture(options => options.OpeningBalance = 100m);
        _ = await shop.DoAsync(OrderSteps.ValidatePayment, "order-1", ShopFixture.Order());

        var rejection = await Assert.ThrowsAsync<StepRejectedException>(() =>
            shop.DoAsync(OrderSteps.ValidatePayment, "order-2", ShopFixture.Order())
        );

        Assert.Contains("40.20", rejection.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reserve_WhenMoreIsWantedThanIsOnHand_RejectsTheRestOnly()
    {
        using var shop = new ShopFixture(options => options.Stock["teapot"] = 7);

        var taken = await Task.WhenAll(
            Enumerable
                .Range(0, 10)
                .Select(i =>
                    Task.Run(async () =>
                    {
                        try
                        {
                            _ = await shop.DoAsync(OrderSteps.ReserveInventory, $"order-{i}", ShopFixture.Order());
                            return true;
                        }
                        catch (StepRejectedException)
                        {
                            return false;
                        }
                    })
                )
        );

        Assert.Equal(3, taken.Count(one => one));
        Assert.Equal(1, (await shop.Books.SummariseAsync()).Stock.Single(item => item.Item == "teapot").OnHand);
    }

    private static Order Read(string name) =>
        JsonSerializer.Deserialize<Order>(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "orders", name + ".json")),
            JsonSerializerOptions.Web
        )!;
}
