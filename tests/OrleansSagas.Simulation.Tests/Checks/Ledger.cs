using OrleansSagas.Decisions;
using OrleansSagas.Plans;

namespace OrleansSagas.Simulation.Tests.Checks;

/// <summary>What the rules know of one saga.</summary>
internal sealed class Ledger
{
    /// <summary>The fold of what is durable.</summary>
    public SagaState? State { get; set; }

    /// <summary>In whose name it was started.</summary>
    public string Caller { get; set; } = "";

    /// <summary>The last attempt that some commit made startable, by step, direction and run.</summary>
    public Dictionary<(StepPath Path, StepDirection Direction, int Run), int> Startable { get; } = [];

    /// <summary>Whether the saga has ever turned back.</summary>
    public bool HasTurnedBack { get; set; }

    /// <summary>The steps whose effect an operator left.</summary>
    public HashSet<string> Skipped { get; } = [];

    /// <summary>The key of each step's action.</summary>
    public Dictionary<string, string> ActionKeys { get; } = [];

    /// <summary>The keys of each step's undo.</summary>
    public Dictionary<string, HashSet<string>> UndoKeys { get; } = [];

    /// <summary>How often a success came late, by step: each may need an undo of its own.</summary>
    public Dictionary<string, int> LateSuccesses { get; } = [];

    /// <summary>The attempts that threw after a stop was signalled, and were not begun again since.</summary>
    public HashSet<(string Step, StepDirection Direction, int Attempt)> NoAnswers { get; } = [];

    /// <summary>The steps of which an attempt was recorded as interrupted.</summary>
    public HashSet<string> Interrupted { get; } = [];

    /// <summary>What operators were told is done.</summary>
    public HashSet<OperatorAction> Accepted { get; } = [];
}
