using System.Diagnostics.CodeAnalysis;

namespace OrleansSagas.Shop.Books;

/// <summary>The names of the accounts. Money is one unit (cents); every item is another (pieces).</summary>
internal static class Accounts
{
    /// <summary>The unit of money.</summary>
    internal const string Money = "money";

    /// <summary>Where everything comes from when it enters the books. It has no balance.</summary>
    internal const string Outside = "outside";

    internal const string Held = "held";
    internal const string Revenue = "revenue";
    internal const string OnHand = "on-hand";
    internal const string Reserved = "reserved";
    internal const string Shipped = "shipped";
    internal const string CustomerPrefix = "customer:";

    internal static string Customer(string name) => CustomerPrefix + name;

    internal static bool IsItem([NotNullWhen(true)] string? unit) => unit is { Length: > 0 } and not Money;
}
