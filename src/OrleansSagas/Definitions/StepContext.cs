using OrleansSagas.Decisions;
using OrleansSagas.Plans;

namespace OrleansSagas;

/// <summary>What an attempt of a step's action is told.</summary>
public class StepContext
{
    private string? _key;

    internal StepContext(SagaState saga, PlanStep step, int run, int attempt, CancellationToken cancellation, CancellationToken stopping)
    {
        Saga = saga.Key;
        Plan = step;
        Run = run;
        Attempt = attempt;
        CorrelationId = saga.Identity.CorrelationId;
        Headers = saga.Headers;
        Cancellation = cancellation;
        Stopping = stopping;
    }

    internal SagaKey Saga { get; }

    /// <summary>The saga's id.</summary>
    public SagaId SagaId => Saga.Id;

    /// <summary>The step's path.</summary>
    public string Step => Plan.Path.Value;

    /// <summary>The idempotency key: the same at every attempt, also after a crash. Pass it to the service.</summary>
    public string Key => _key ??= StepKey.Of(Saga, Plan.Path, Run, Direction);

    /// <summary>Which attempt this is, counted from 1.</summary>
    public int Attempt { get; }

    /// <summary>The saga's correlation id; null when none was given.</summary>
    public string? CorrelationId { get; }

    /// <summary>The headers that the saga was given at its start; empty for none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>Cancelled at the attempt's timeout, and when its answer is no longer wanted.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>
    /// Cancelled when the engine wants to stop: finish soon, or throw; what is thrown then is no answer and the step runs again at the next
    /// start.
    /// </summary>
    public CancellationToken Stopping { get; }

    private protected int Run { get; }

    private protected PlanStep Plan { get; }

    private protected virtual StepDirection Direction => StepDirection.Do;
}
