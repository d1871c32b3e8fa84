namespace OrleansSagas.Shop;

/// <summary>One call of a service: which step of which order, under which key, and what it undoes.</summary>
/// <param name="OrderId">The order: the id of its saga.</param>
/// <param name="Step">The step, one of <see cref="OrderSteps"/>.</param>
/// <param name="Key">The idempotency key of this call.</param>
/// <param name="ActionKey">The key of the action that this call undoes; null where it is the action.</param>
internal readonly record struct ShopCall(string OrderId, string Step, string Key, string? ActionKey = null)
{
    internal bool IsUndo => ActionKey is not null;

    internal string Behaviour => IsUndo ? OrderSteps.UndoPrefix + Step : Step;
}
