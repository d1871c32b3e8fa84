namespace OrleansSagas;

/// <summary>A stand-in for the core's exception of the same name: nothing was done. Deleted on merge.</summary>
public sealed class StepRejectedException(string message) : SagaException(message);
