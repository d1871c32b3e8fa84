namespace OrleansSagas;

/// <summary>Thrown by a step's action to say: this was refused and nothing was done. It is not retried, and the step need not be undone.
/// Thrown by an undo it says that the undo is refused for good.</summary>
public sealed class StepRejectedException : SagaException
{
    /// <summary>Says why; the message is kept in the saga's history and shown to its callers.</summary>
    public StepRejectedException(string message, Exception? inner = null)
        : base(message, inner) { }
}
