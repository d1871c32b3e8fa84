using OrleansSagas.Decisions;

namespace OrleansSagas.History;

/// <summary>The names under which values are stored, whatever they are called in code. Append, never rename.</summary>
internal sealed class StoredNames<T>(params (T Value, string Name)[] names)
    where T : struct, Enum
{
    public string NameOf(T value)
    {
        foreach (var (known, name) in names)
            if (EqualityComparer<T>.Default.Equals(known, value))
                return name;
        throw new ArgumentOutOfRangeException(nameof(value), value, "This value has no stored name.");
    }

    /// <exception cref="FormatException">The name is not known here.</exception>
    public T ValueOf(string name)
    {
        foreach (var (value, known) in names)
            if (known == name)
                return value;
        throw new FormatException($"'{name}' is not known here.");
    }
}

/// <summary>The names under which values are stored.</summary>
internal static class StoredNames
{
    public static readonly StoredNames<SagaDirection> Directions = new(
        (SagaDirection.Forward, "forward"),
        (SagaDirection.Compensating, "back")
    );

    public static readonly StoredNames<StepPhase> Phases = new(
        (StepPhase.Open, "open"),
        (StepPhase.Done, "done"),
        (StepPhase.NotDone, "not-done"),
        (StepPhase.Unknown, "uncertain"),
        (StepPhase.Undoing, "undoing"),
        (StepPhase.Undone, "undone"),
        (StepPhase.UndoFailed, "undo-failed"),
        (StepPhase.UndoSkipped, "undo-skipped"),
        (StepPhase.UndoResolved, "undo-resolved")
    );

    /// <summary>What is known of a step that was given up.</summary>
    public static readonly StoredNames<StepPhase> Outcomes = new(
        (StepPhase.Done, "done"),
        (StepPhase.NotDone, "not-done"),
        (StepPhase.Unknown, "uncertain")
    );

    public static readonly StoredNames<SagaEndReason> Reasons = new(
        (SagaEndReason.Failed, "failed"),
        (SagaEndReason.Cancelled, "cancelled"),
        (SagaEndReason.Deadline, "deadline"),
        (SagaEndReason.Terminated, "terminated")
    );

    /// <summary>How a saga ends.</summary>
    public static readonly StoredNames<SagaStatus> Ends = new(
        (SagaStatus.Completed, "completed"),
        (SagaStatus.Compensated, "compensated"),
        (SagaStatus.Failed, "failed"),
        (SagaStatus.Cancelled, "cancelled"),
        (SagaStatus.Terminated, "terminated")
    );
}
