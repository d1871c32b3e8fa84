namespace OrleansSagas;

/// <summary>Questions about a <see cref="SagaStatus"/>.</summary>
public static class SagaStatusExtensions
{
    /// <summary>Whether the saga has ended, so that nothing changes it any more.</summary>
    public static bool IsTerminal(this SagaStatus status) =>
        status is SagaStatus.Completed or SagaStatus.Compensated or SagaStatus.Failed or SagaStatus.Cancelled or SagaStatus.Terminated;
}
