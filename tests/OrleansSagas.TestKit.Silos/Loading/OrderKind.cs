namespace OrleansSagas.TestKit.Silos.Loading;

/// <summary>What is asked to go wrong with an order.</summary>
internal enum OrderKind
{
    Ok,
    Declined,
    OutOfStock,
    Flaky,
    Slow,
    LosesAnswer,
    Hangs,
    AnswersLate,
    AnswersAfterItsTimeout,
    UndoIsFlaky,
    UndoLosesAnswer,
    UndoFails,
    MakesNoSense,
}
