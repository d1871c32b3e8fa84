namespace OrleansSagas.Execution;

/// <summary>
/// What runs on while its saga has no process here: its activation was lost with the silo that kept the directory's entry, and the next one
/// takes this over.
/// </summary>
/// <param name="InFlight">Attempts that are awaited.</param>
/// <param name="Abandoned">Attempts that are awaited no more and have not returned.</param>
internal sealed record KeptAttempts(IReadOnlyList<StepAttempt> InFlight, IReadOnlyList<StepAttempt> Abandoned)
{
    public KeptAttempts And(KeptAttempts more) => new([.. InFlight, .. more.InFlight], [.. Abandoned, .. more.Abandoned]);

    public IEnumerable<StepAttempt> All => InFlight.Concat(Abandoned);
}
