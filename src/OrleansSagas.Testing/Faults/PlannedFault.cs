namespace OrleansSagas.Testing;

/// <summary>Does to one attempt what a test asked for, around what the step itself does.</summary>
internal delegate Task<Task> StepFault(StepAttempt attempt, Func<Task<Task>> act);

/// <summary>One fault that was asked for.</summary>
internal sealed class PlannedFault(string what, StepFault fault, bool isForever)
{
    public string What => what;

    public StepFault Fault => fault;

    /// <summary>Whether every further attempt meets it.</summary>
    public bool IsForever => isForever;

    /// <summary>Whether it came, for one saga at least.</summary>
    public bool HasFired { get; set; }
}
