using OrleansSagas.Simulation.Tests.Worlds;

namespace OrleansSagas.Simulation.Tests.Services;

/// <summary>How one call of a service goes.</summary>
/// <param name="Ending">What the caller gets.</param>
/// <param name="EffectAfter">When it takes effect; null for never.</param>
/// <param name="AnswerAfter">When the caller gets its answer.</param>
/// <param name="HonoursToken">Whether the call gives up when its token is cancelled.</param>
/// <param name="IsImmediate">Whether all of it happens within the call, without a wait.</param>
internal sealed record Behaviour(
    Ending Ending,
    TimeSpan? EffectAfter,
    TimeSpan AnswerAfter,
    bool HonoursToken = true,
    bool IsImmediate = false
)
{
    /// <summary>A call that goes well.</summary>
    public static Behaviour Good(Chance chance, TimeSpan latency)
    {
        var effect = chance.UpTo(latency);
        return new(Ending.Result, effect, effect + chance.UpTo(latency), IsImmediate: chance.Happens(0.3));
    }

    /// <summary>A call that does not.</summary>
    public static Behaviour Bad(Chance chance, TimeSpan latency, TimeSpan timeout)
    {
        var soon = chance.UpTo(latency);
        var muchLater = timeout + chance.UpTo(TimeSpan.FromSeconds(40));
        TimeSpan? perhaps = chance.Happens(0.5) ? soon : null;
        return chance.Below(9) switch
        {
            0 => new(Ending.Error, null, soon, IsImmediate: chance.Happens(0.3)),
            1 => new(Ending.Error, soon, soon + chance.UpTo(latency), IsImmediate: chance.Happens(0.3)), // the answer is lost
            2 => new(Ending.Error, muchLater, soon), // what was given up arrives all the same
            3 => new(Ending.Rejected, null, soon, IsImmediate: chance.Happens(0.3)),
            4 => new(Ending.FinalError, perhaps, soon + soon),
            5 => new(Ending.Never, perhaps, TimeSpan.Zero, HonoursToken: true),
            6 => new(Ending.Never, chance.Happens(0.5) ? muchLater : perhaps, TimeSpan.Zero, HonoursToken: false),
            7 => new(Ending.Result, chance.Happens(0.5) ? muchLater : soon, muchLater, HonoursToken: false), // after its timeout
            _ => new(Ending.Error, perhaps, muchLater, HonoursToken: false),
        };
    }
}
