using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using OrleansSagas.Deciding;

namespace OrleansSagas.Tests.Deciding;

/// <summary>Checks a property over many random scripts. Set <c>SAGAS_SEED</c> to the number that a failure names to see it again.</summary>
internal static class Properties
{
    private const int Scripts = 2_000;

    /// <summary>Checks the whole history.</summary>
    public static void Hold(Arbitrary<Script> scripts, Action<History> property) =>
        Check(scripts, script => property(History.Play(script)));

    /// <summary>Checks each turn.</summary>
    public static void HoldAtEachTurn(Arbitrary<Script> scripts, Action<History, Turn> property) =>
        Check(scripts, script => History.Play(script, property));

    /// <summary>Checks each state that a turn led to.</summary>
    public static void HoldInEachState(Arbitrary<Script> scripts, Action<History, SagaState> property) =>
        Check(scripts, script =>
        {
            var history = History.Play(script, (history, turn) => property(history, turn.After));
            property(history, history.Start.Next);
        });

    private static void Check(Arbitrary<Script> scripts, Action<Script> property)
    {
        var seed = Environment.GetEnvironmentVariable("SAGAS_SEED") is { Length: > 0 } given
            ? ulong.Parse(given, CultureInfo.InvariantCulture)
            : (ulong)Random.Shared.NextInt64();
        try
        {
            FsCheck.Check.One(
                Config.QuickThrowOnFailure.WithMaxTest(Scripts).WithQuietOnSuccess(true).WithReplay(seed, gamma: 0x9E3779B97F4A7C15),
                Prop.ForAll(scripts, property));
        }
        catch (Exception failure)
        {
            Assert.Fail($"See it again with SAGAS_SEED={seed}.{Environment.NewLine}{failure.Message}{Environment.NewLine}{failure.InnerException?.Message}");
        }
    }
}
