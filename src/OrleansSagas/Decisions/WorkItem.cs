using OrleansSagas.Plans;

namespace OrleansSagas.Decisions;

/// <summary>An attempt that is outstanding.</summary>
/// <param name="Step">Of which step.</param>
/// <param name="Direction">To do it or to undo it.</param>
/// <param name="Run">Which run in that direction.</param>
/// <param name="Attempt">Which attempt of that run.</param>
/// <param name="DueAt">When it may begin; null for at once.</param>
internal readonly record struct WorkItem(PlanStep Step, StepDirection Direction, int Run, int Attempt, DateTimeOffset? DueAt)
{
    /// <summary>Whether it may begin at <paramref name="now"/>.</summary>
    public bool IsDue(DateTimeOffset now) => DueAt is not { } due || due <= now;
}
