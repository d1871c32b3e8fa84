namespace OrleansSagas.Testing;

/// <summary>What a step throws where a test asked that it fail and named no exception of its own.</summary>
public sealed class InjectedFaultException : Exception
{
    internal InjectedFaultException(string message)
        : base(message) { }
}
