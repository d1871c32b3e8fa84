namespace OrleansSagas.Storage;

/// <summary>
/// A share of the sagas, by their number: those whose remainder by <see cref="Count"/> is <see cref="Number"/>. A saga's number never
/// changes, so neither does its partition.
/// </summary>
internal sealed record SagaPartition
{
    /// <exception cref="ArgumentOutOfRangeException">There is no such partition.</exception>
    public SagaPartition(int number, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, count);
        (Number, Count) = (number, count);
    }

    /// <summary>All sagas.</summary>
    public static SagaPartition All { get; } = new(0, 1);

    /// <summary>Which one it is, from 0.</summary>
    public int Number { get; }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Whether the saga with this number is in it.</summary>
    public bool Holds(long saga) => saga % Count == Number;
}
