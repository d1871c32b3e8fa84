namespace OrleansSagas.Shop;

/// <summary>The steps of an order, by the names that the saga, the books and the behaviours share.</summary>
public static class OrderSteps
{
    /// <summary>Holds the order's total on the customer's account.</summary>
    public const string ValidatePayment = "validate-payment";

    /// <summary>Sets the goods aside.</summary>
    public const string ReserveInventory = "reserve-inventory";

    /// <summary>Takes the money that is held.</summary>
    public const string ChargePayment = "charge-payment";

    /// <summary>Sends the goods.</summary>
    public const string CreateShipment = "create-shipment";

    internal const string UndoPrefix = "undo:";

    internal static readonly string[] All = [ValidatePayment, ReserveInventory, ChargePayment, CreateShipment];
}
