namespace OrleansSagas.Testing;

/// <summary>A test of sagas found something else than it expected; the message says what, and what the saga looked like.</summary>
public sealed class SagaTestException : SagaException
{
    internal SagaTestException(string message, Exception? inner = null)
        : base(message, inner) { }
}
