using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Shop;
using OrleansSagas.Shop.Behaviours;
using OrleansSagas.Shop.Books;
using OrleansSagas.Shop.Inventory;
using OrleansSagas.Shop.Payments;
using OrleansSagas.Shop.Shipping;
using OrleansSagas.TestKit;

namespace OrleansSagas.Tests.Shop;

/// <summary>A shop over books of its own, on a clock of its own.</summary>
internal sealed class ShopFixture : IDisposable
{
    private readonly TempFolder _folder = new();
    private ServiceProvider _provider;

    internal ShopFixture(Action<ShopOptions>? configure = null)
    {
        Path = _folder.File("shop.db");
        _provider = Build(configure);
    }

    internal string Path { get; }

    internal ManualTime Time { get; } = new();

    internal ShopBooks Books => _provider.GetRequiredService<ShopBooks>();

    internal PaymentService Payments => _provider.GetRequiredService<PaymentService>();

    internal InventoryService Inventory => _provider.GetRequiredService<InventoryService>();

    internal ShipmentService Shipments => _provider.GetRequiredService<ShipmentService>();

    public void Dispose()
    {
        _provider.Dispose();
        _folder.Dispose();
    }

    internal static Order Order(string? name = null, StepBehaviour? behaviour = null) =>
        new()
        {
            Customer = "ada",
            Card = "4000",
            Item = "teapot",
            Quantity = 2,
            Total = 59.80m,
            Behaviour = name is null ? null : new Dictionary<string, StepBehaviour> { [name] = behaviour! },
        };

    /// <summary>Calls a step as the saga does: with the same key every time.</summary>
    internal Task<Receipt> DoAsync(string step, string orderId, Order order, CancellationToken cancellation = default) =>
        step switch
        {
            OrderSteps.ValidatePayment => Payments.HoldAsync(orderId, Key(orderId, step), order, cancellation),
            OrderSteps.ReserveInventory => Inventory.ReserveAsync(orderId, Key(orderId, step), order, cancellation),
            OrderSteps.ChargePayment => Payments.ChargeAsync(orderId, Key(orderId, step), order, cancellation),
            _ => Shipments.CreateAsync(orderId, Key(orderId, step), order, cancellation),
        };

    internal Task UndoAsync(string step, string orderId, Order order, CancellationToken cancellation = default)
    {
        var (key, action) = (Key(orderId, step, "undo"), Key(orderId, step));
        return step switch
        {
            OrderSteps.ValidatePayment => Payments.ReleaseHoldAsync(orderId, key, action, order, cancellation),
            OrderSteps.ReserveInventory => Inventory.ReleaseAsync(orderId, key, action, order, cancellation),
            OrderSteps.ChargePayment => Payments.RefundAsync(orderId, key, action, order, cancellation),
            _ => Shipments.CancelAsync(orderId, key, action, order, cancellation),
        };
    }

    internal static string Key(string orderId, string step, string direction = "do") => $"default/{orderId}/{step}/0/{direction}";

    /// <summary>Closes the books and opens them again, as a new process would.</summary>
    internal void Restart()
    {
        _provider.Dispose();
        _provider = Build(null);
    }

    /// <summary>Writes into the file behind the books' back.</summary>
    internal void Tamper(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.True(command.ExecuteNonQuery() > 0, "The tampering must change something.");
    }

    /// <summary>Reads one number from the file behind the books' back.</summary>
    internal long Read(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private ServiceProvider Build(Action<ShopOptions>? configure) =>
        new ServiceCollection()
            .AddSingleton<TimeProvider>(Time)
            .AddShop(options =>
            {
                options.Path = Path;
                configure?.Invoke(options);
            })
            .BuildServiceProvider();
}
