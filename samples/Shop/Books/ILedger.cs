namespace OrleansSagas.Shop.Books;

/// <summary>What an effect sees of the books while it decides, inside its transaction.</summary>
internal interface ILedger
{
    /// <summary>What is in an account; null where there is no such account.</summary>
    long? Balance(string unit, string account);

    /// <summary>What the order has brought into an account and not yet taken out.</summary>
    long OfOrder(string orderId, string unit, string account);

    /// <summary>Opens a customer's account if it is new, and answers its balance.</summary>
    long OpenCustomer(string account);
}
