namespace OrleansSagas;

/// <summary>What a refusal is called outside of this process.</summary>
internal static class Refusals
{
    /// <summary>One of <see cref="SagaProblems"/>.</summary>
    public static string ProblemOf(SagaRefusal refusal) =>
        refusal switch
        {
            SagaRefusal.InvalidRequest => SagaProblems.InvalidRequest,
            SagaRefusal.InvalidData => SagaProblems.InvalidData,
            SagaRefusal.TooLarge => SagaProblems.TooLarge,
            SagaRefusal.UnknownType => SagaProblems.UnknownType,
            SagaRefusal.SagaNotFound => SagaProblems.SagaNotFound,
            SagaRefusal.SagaExists => SagaProblems.SagaExists,
            SagaRefusal.NotPossible => SagaProblems.NotPossible,
            SagaRefusal.RequestIdReused => SagaProblems.KeyReused,
            SagaRefusal.Overloaded => SagaProblems.Overloaded,
            SagaRefusal.Unavailable => SagaProblems.Unavailable,
            _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "This refusal is not known."),
        };
}
