namespace OrleansSagas.Bench.Measuring;

/// <summary>What a store holds, counted from outside, so that it is the same count whoever wrote it.</summary>
/// <param name="Rows">Rows in all tables.</param>
/// <param name="Bytes">Pages in use times their size, those still in the write-ahead log included.</param>
internal sealed record StoreContents(long Rows, long Bytes)
{
    /// <summary>What was added between <paramref name="before"/> and this.</summary>
    public StoreContents Since(StoreContents before) => new(Rows - before.Rows, Bytes - before.Bytes);
}
