using OrleansSagas.Shop.Books;

namespace OrleansSagas.Shop;

/// <summary>Where the shop keeps its books, and what is in them on the first day.</summary>
public sealed class ShopOptions
{
    /// <summary>The SQLite file of the books. Default: <c>data/shop.db</c>.</summary>
    public string Path { get; set; } = "data/shop.db";

    /// <summary>The money that a customer has when the shop first sees them. Default: 1,000,000,000.00.</summary>
    public decimal OpeningBalance { get; set; } = 1_000_000_000m;

    /// <summary>The pieces of each item when the books first see it. Default: plenty of everything, and no <c>rare-vase</c>.</summary>
    public IDictionary<string, long> Stock { get; } =
        new Dictionary<string, long>(StringComparer.Ordinal)
        {
            ["teapot"] = 100_000_000,
            ["mug"] = 100_000_000,
            ["lamp"] = 100_000_000,
            ["rare-vase"] = 0,
        };

    /// <summary>How long an undo waits for an attempt with its action's key that is still under way. Default: 1 second.</summary>
    public TimeSpan UndoWait { get; set; } = TimeSpan.FromSeconds(1);

    internal string? Problem() =>
        this switch
        {
            { Path: null or "" } => "ShopOptions.Path is empty: name the SQLite file of the books, such as data/shop.db.",
            { OpeningBalance: < 0 or > 1_000_000_000_000m } =>
                $"ShopOptions.OpeningBalance is {OpeningBalance}: set it between 0 and 1,000,000,000,000.",
            { UndoWait.Ticks: < 0 } => $"ShopOptions.UndoWait is {UndoWait}: set it to zero or more.",
            _ when Stock.Keys.FirstOrDefault(item => !Accounts.IsItem(item)) is { } name =>
                $"ShopOptions.Stock has an item called '{name}': call it something else.",
            _ when Stock.FirstOrDefault(item => item.Value < 0) is { Key: not null } item =>
                $"ShopOptions.Stock has {item.Value} of '{item.Key}': set it to zero or more.",
            _ => null,
        };
}
