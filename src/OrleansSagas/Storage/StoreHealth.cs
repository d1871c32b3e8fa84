namespace OrleansSagas.Storage;

/// <summary>Whether a store can take commits.</summary>
/// <param name="Problem">What is wrong, in words for an operator; null when nothing is.</param>
internal readonly record struct StoreHealth(string? Problem)
{
    /// <summary>Whether it can.</summary>
    public bool IsHealthy => Problem is null;
}
