using FsCheck;
using FsCheck.Fluent;
using OrleansSagas.Plans;
using static OrleansSagas.Tests.Decisions.Plans;

namespace OrleansSagas.Tests.Decisions;

/// <summary>
/// A random history in the making: numbers that decide the plan, and each of the inputs. Fewer moves are a simpler script.
/// </summary>
/// <param name="Shape">Decides the plan.</param>
/// <param name="IsWild">Whether the inputs are drawn at random instead of from what is outstanding.</param>
/// <param name="Moves">Each decides one input.</param>
internal sealed record Script(ulong Shape, bool IsWild, ulong[] Moves)
{
    private const int MostMoves = 50;

    /// <summary>Histories as services, owners and operators make them: late, repeated, at bad moments, but never invented.</summary>
    public static Arbitrary<Script> Honest { get; } = From(wild: _ => false);

    /// <summary>Every fourth history is of inputs that nobody would send.</summary>
    public static Arbitrary<Script> Any { get; } = From(wild: seed => seed % 4 == 0);

    public SagaPlan Plan()
    {
        var dice = new Dice(Shape);
        var steps = new StepShape[1 + dice.Roll(6)];
        for (var i = 0; i < steps.Length; i++)
            steps[i] = new StepShape($"step-{i + 1}", dice.Chance(75), Policy(ref dice), Policy(ref dice));
        TimeSpan? deadline = dice.Chance(60) ? null : TimeSpan.FromSeconds(dice.Roll(600));
        return Of(deadline, steps);
    }

    public override string ToString() => History.Play(this).ToString();

    private static RetryPolicy Policy(ref Dice dice) =>
        new()
        {
            MaxAttempts = dice.Chance(10) ? null : 1 + dice.Roll(4),
            Delay = TimeSpan.FromMilliseconds(dice.Of([0, 1, 1_000, 10_000])),
            Factor = dice.Of([1.0, 2.0, 10.0]),
        };

    private static Arbitrary<Script> From(Func<int, bool> wild)
    {
        var seeds = Gen.Choose(0, int.MaxValue);
        var scripts = from shape in seeds from moves in seeds select Drawn((ulong)shape, wild(shape), new Dice((ulong)moves));
        return Arb.From(scripts, Simpler);
    }

    private static Script Drawn(ulong shape, bool isWild, Dice dice)
    {
        var moves = new ulong[1 + dice.Roll(MostMoves)];
        for (var i = 0; i < moves.Length; i++)
            moves[i] = dice.Next();
        return new Script(shape, isWild, moves);
    }

    private static IEnumerable<Script> Simpler(Script script)
    {
        for (var cut = script.Moves.Length; cut > 0; cut /= 2)
        for (var from = 0; from + cut <= script.Moves.Length; from += cut)
            yield return script with
            {
                Moves = [.. script.Moves[..from], .. script.Moves[(from + cut)..]],
            };
    }
}
