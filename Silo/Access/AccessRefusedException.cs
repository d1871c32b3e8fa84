namespace OrleansSagas.Silo.Access;

/// <summary>The silo would be open to others than it should.</summary>
internal sealed class AccessRefusedException(string message) : SagaException(message);
