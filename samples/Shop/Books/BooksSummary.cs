namespace OrleansSagas.Shop.Books;

/// <summary>The sums of the books, and whether they add up.</summary>
public sealed record BooksSummary
{
    /// <summary>Whether no money and no piece was lost, made or moved twice: <see cref="Problems"/> is empty.</summary>
    public required bool Conserved { get; init; }

    /// <summary>What does not add up, in words.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>The money, by kind of account.</summary>
    public required MoneySums Money { get; init; }

    /// <summary>The stock, by item.</summary>
    public required IReadOnlyList<StockSums> Stock { get; init; }

    /// <summary>The shipments.</summary>
    public required ShipmentSums Shipments { get; init; }

    /// <summary>How many orders have money on hold that was neither charged nor given back.</summary>
    public required long HoldsOpen { get; init; }

    /// <summary>How many orders had an effect.</summary>
    public required long Orders { get; init; }

    /// <summary>How many orders have all four steps done and none undone.</summary>
    public required long Complete { get; init; }

    /// <summary>How many orders have everything undone that was done.</summary>
    public required long Undone { get; init; }

    /// <summary>How many orders are neither complete nor undone.</summary>
    public required long Open { get; init; }

    /// <summary>How many keys the services have seen, of actions and undos.</summary>
    public required long Operations { get; init; }

    /// <summary>How many effects were applied twice, or undone without having been done. Counted from the ledger alone.</summary>
    public required long Doubled { get; init; }
}
