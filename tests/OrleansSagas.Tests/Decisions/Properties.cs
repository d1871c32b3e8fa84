using FsCheck;
using OrleansSagas.Decisions;
using OrleansSagas.TestKit;

namespace OrleansSagas.Tests.Decisions;

/// <summary>Checks a property over many random scripts.</summary>
internal static class Properties
{
    private const int Scripts = 2_000;

    /// <summary>Checks the whole history.</summary>
    public static void Hold(Arbitrary<Script> scripts, Action<History> property) =>
        Randomly.Holds(scripts, Scripts, script => property(History.Play(script)));

    /// <summary>Checks each turn.</summary>
    public static void HoldAtEachTurn(Arbitrary<Script> scripts, Action<History, Turn> property) =>
        Randomly.Holds(scripts, Scripts, script => History.Play(script, property));

    /// <summary>Checks each state that a turn led to.</summary>
    public static void HoldInEachState(Arbitrary<Script> scripts, Action<History, SagaState> property) =>
        Randomly.Holds(
            scripts,
            Scripts,
            script =>
            {
                var history = History.Play(script, (history, turn) => property(history, turn.After));
                property(history, history.Start.Next);
            }
        );
}
