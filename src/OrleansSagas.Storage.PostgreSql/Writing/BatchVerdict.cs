namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>
/// What the server said to a batch: the numbers of its new sagas; or, where nothing was written, which commits stand in the way.
/// </summary>
internal readonly record struct BatchVerdict(long[]? Numbers, int[]? Conflicts, int[]? Duplicates)
{
    /// <summary>Whether all of it was written.</summary>
    internal bool IsWritten => Conflicts is null && Duplicates is null;
}
