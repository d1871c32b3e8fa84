namespace OrleansSagas;

/// <summary>Questions about a <see cref="SagaStatus"/>.</summary>
public static class SagaStatusExtensions
{
    /// <summary>Whether the saga has ended, so that nothing changes it any more.</summary>
    public static bool IsTerminal(this SagaStatus status) => status >= SagaStatus.Completed;
}
