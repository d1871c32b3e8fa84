using System.Text.Json.Serialization;

namespace OrleansSagas.Shop.Behaviours;

/// <summary>
/// What one step of one order, or its undo, is to do wrong. The attempts with one key are counted in the books, so that
/// they go on counting after a crash: first <see cref="FailTimes"/>, then <see cref="LoseAnswerTimes"/>, then
/// <see cref="HangTimes"/>, then <see cref="LateTimes"/>; after those the step does as it should.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record StepBehaviour
{
    /// <summary>Refuses: nothing is done, and that is said. Not for an undo. Default: false.</summary>
    public bool Decline { get; init; }

    /// <summary>Fails every attempt, with nothing done, until <c>POST /shop/repair</c>. Default: false.</summary>
    public bool FailAlways { get; init; }

    /// <summary>How many attempts fail with nothing done. Default: 0.</summary>
    public int FailTimes { get; init; }

    /// <summary>How many attempts do it and then fail, so that the caller cannot know. Default: 0.</summary>
    public int LoseAnswerTimes { get; init; }

    /// <summary>How many attempts never answer, with nothing done. Default: 0.</summary>
    public int HangTimes { get; init; }

    /// <summary>How many attempts do it and answer after <see cref="LateSeconds"/>. Default: all of them.</summary>
    public int? LateTimes { get; init; }

    /// <summary>How long after the effect the answer comes. Default: 0.</summary>
    public double LateSeconds { get; init; }

    /// <summary>How long every attempt takes before it has its effect. Default: 0.</summary>
    public double SlowSeconds { get; init; }

    /// <summary>Goes on although the caller has given up. Default: false.</summary>
    public bool IgnoreCancellation { get; init; }
}
