using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;

namespace OrleansSagas.Decisions;

/// <summary>
/// What can be given to a saga: a closed list. What may come from another process has a name, under which it travels; those names are only
/// ever added to.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "command")]
[JsonDerivedType(typeof(Start), "start")]
[JsonDerivedType(typeof(Answer), "answer")]
[JsonDerivedType(typeof(TimePassed), "time-passed")]
[JsonDerivedType(typeof(Cancel), "cancel")]
[JsonDerivedType(typeof(Terminate), "terminate")]
[JsonDerivedType(typeof(Pause), "pause")]
[JsonDerivedType(typeof(Resume), "resume")]
[JsonDerivedType(typeof(RetryUndo), "retry-undo")]
[JsonDerivedType(typeof(SkipUndo), "skip-undo")]
[JsonDerivedType(typeof(ResolveUndo), "resolve-undo")]
internal abstract record SagaCommand
{
    private SagaCommand() { }

    /// <summary>The steps whose attempt is in flight at the owner: what a saga that turns back waits for, for a bounded time.</summary>
    [JsonIgnore]
    public ImmutableArray<StepPath> InFlight { get; init; } = [];

    /// <summary>Start the saga.</summary>
    public sealed record Start(SagaKey Key, Payload Data, string? CorrelationId = null, SagaId? ParentId = null) : SagaCommand
    {
        /// <summary>The root of the tree that the saga belongs to; null where it is the root.</summary>
        public SagaId? RootId { get; init; }

        /// <summary>What every step gets beside the data.</summary>
        public ImmutableSortedDictionary<string, string> Headers
        {
            get;
            init => field = value ?? SagaHeaders.None;
        } = SagaHeaders.None;
    }

    /// <summary>A new owner takes over.</summary>
    /// <param name="Incarnation">The owner's.</param>
    /// <param name="OwnerDied">Whether an earlier owner may have begun what is outstanding.</param>
    public sealed record TakeOver(Incarnation Incarnation, bool OwnerDied) : SagaCommand;

    /// <summary>An attempt ended.</summary>
    public sealed record Answer(StepPath Path, StepDirection Direction, int Run, int Attempt, StepOutcome Outcome) : SagaCommand;

    /// <summary>
    /// An attempt was interrupted by a stop of the engine: that is no answer, and it is made again; but it may have been done.
    /// </summary>
    public sealed record Interrupt(StepPath Path, StepDirection Direction, int Run, int Attempt) : SagaCommand;

    /// <summary>The time that was asked for has come.</summary>
    public sealed record TimePassed : SagaCommand;

    /// <summary>Stop going forward and undo what was done.</summary>
    public sealed record Cancel(string? Note = null) : SagaCommand;

    /// <summary>Stop as it is.</summary>
    public sealed record Terminate(string? Note = null) : SagaCommand;

    /// <summary>Start nothing new.</summary>
    public sealed record Pause(string? Note = null) : SagaCommand;

    /// <summary>Go on.</summary>
    public sealed record Resume(string? Note = null) : SagaCommand;

    /// <summary>Try an undo that failed for good once more.</summary>
    public sealed record RetryUndo(StepPath? Path = null, string? Note = null) : SagaCommand;

    /// <summary>Leave the effect of a step whose undo failed for good.</summary>
    public sealed record SkipUndo(StepPath? Path = null, string? Note = null) : SagaCommand;

    /// <summary>The effect of a step whose undo failed for good was undone by other means.</summary>
    public sealed record ResolveUndo(StepPath? Path = null, string? Note = null) : SagaCommand;
}
