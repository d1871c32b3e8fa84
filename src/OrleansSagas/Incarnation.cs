namespace OrleansSagas;

/// <summary>One life of an engine: a number that the store hands out at each start and never again.</summary>
internal readonly record struct Incarnation(long Value)
{
    /// <summary>
    /// Never handed out: stands in the row of a held saga whose owner died, so that whoever takes it up knows that something may have been
    /// running.
    /// </summary>
    public static readonly Incarnation Dead = new(0);
}
