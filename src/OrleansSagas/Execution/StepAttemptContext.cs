using OrleansSagas.Decisions;

namespace OrleansSagas.Execution;

/// <summary>What an attempt runs in: its saga as it stood when the attempt was begun.</summary>
/// <param name="Process">Who began it.</param>
/// <param name="Definition">Whose code is run.</param>
/// <param name="State">The saga's state.</param>
/// <param name="Data">The saga's typed data; null where it was not read yet.</param>
/// <param name="TraceParent">The trace that the saga belongs to.</param>
/// <param name="ActionsInFlight">For an undo: the attempts of its action that have not returned.</param>
internal sealed record StepAttemptContext(
    SagaProcess Process,
    SagaDefinition Definition,
    SagaState State,
    object? Data,
    string? TraceParent,
    IReadOnlyList<Task> ActionsInFlight
);
