using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace OrleansSagas.TestKit;

/// <summary>Checks a property over many random values. Set <c>SAGAS_SEED</c> to the number that a failure names to see it again.</summary>
internal static class Randomly
{
    public static void Holds<T>(Arbitrary<T> values, int count, Action<T> property)
    {
        var seed = Environment.GetEnvironmentVariable("SAGAS_SEED") is { Length: > 0 } given
            ? ulong.Parse(given, CultureInfo.InvariantCulture)
            : (ulong)Random.Shared.NextInt64();
        TestContext.Current.TestOutputHelper?.WriteLine($"SAGAS_SEED={seed}");
        try
        {
            FsCheck.Check.One(
                Config.QuickThrowOnFailure.WithMaxTest(count).WithQuietOnSuccess(true).WithReplay(seed, gamma: 0x9E3779B97F4A7C15),
                Prop.ForAll(values, property)
            );
        }
        catch (Exception failure)
        {
            Assert.Fail(
                "See it again with "
                    + $"SAGAS_SEED={seed}.{Environment.NewLine}{failure.Message}{Environment.NewLine}{failure.InnerException?.Message}"
            );
        }
    }

    public static Task HoldsAsync<T>(Arbitrary<T> values, int count, Func<T, Task> property) =>
        Task.Run(() => Holds(values, count, value => property(value).GetAwaiter().GetResult()));
}
