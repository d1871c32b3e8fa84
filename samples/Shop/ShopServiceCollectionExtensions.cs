using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansSagas.Shop.Books;
using OrleansSagas.Shop.Inventory;
using OrleansSagas.Shop.Payments;
using OrleansSagas.Shop.Shipping;

namespace OrleansSagas.Shop;

/// <summary>Adds the sample shop to a host.</summary>
public static class ShopServiceCollectionExtensions
{
    /// <summary>Adds the shop's books and the services over them.</summary>
    public static IServiceCollection AddShop(this IServiceCollection services, Action<ShopOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = new ShopOptions();
        configure?.Invoke(options);
        if (options.Problem() is { } problem)
            throw new OptionsValidationException(nameof(ShopOptions), typeof(ShopOptions), [problem]);

        services.TryAddSingleton(TimeProvider.System);
        _ = services.AddSingleton(_ => new ShopBooks(options));
        _ = services.AddSingleton(provider => new ShopService(
            provider.GetRequiredService<ShopBooks>(),
            options,
            provider.GetRequiredService<TimeProvider>()
        ));
        _ = services.AddSingleton(provider => new PaymentService(provider.GetRequiredService<ShopService>()));
        _ = services.AddSingleton(provider => new InventoryService(provider.GetRequiredService<ShopService>()));
        return services.AddSingleton(provider => new ShipmentService(provider.GetRequiredService<ShopService>()));
    }
}
