namespace OrleansSagas.Storage;

/// <summary>One page of a listing, row by row.</summary>
/// <param name="limit">How many sagas it has at most.</param>
internal sealed class ListingPage(int limit)
{
    private readonly List<StoredSummary> _items = [];
    private long _last;
    private bool _isLast = true;

    /// <summary>Takes a row's saga; false where the page is full, and another one follows.</summary>
    internal bool TryAdd<TRow>(TRow row)
        where TRow : struct, IResultRow
    {
        if (_items.Count == limit)
            return _isLast = false;
        _last = row.Int64(SagaColumns.Number);
        _items.Add(SagaColumns.ReadSummary(row));
        return true;
    }

    internal StoredPage Finish() => new(_items, _isLast ? null : PageBounds.After(_last));
}
