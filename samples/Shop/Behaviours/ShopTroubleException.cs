namespace OrleansSagas.Shop.Behaviours;

/// <summary>A service failed as the order asked it to. The caller cannot tell whether the effect happened.</summary>
public sealed class ShopTroubleException(string message) : Exception(message);
