using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace OrleansSagas.Http.Health;

/// <summary>Whether sagas can be started here now.</summary>
internal sealed class SagaHealth(SagaService sagas, IHostApplicationLifetime host) : IHealthCheck
{
    /// <summary>The tag of the checks that <c>/health/ready</c> asks for, also of an application's own.</summary>
    public const string Ready = "ready";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var why = host.ApplicationStopping.IsCancellationRequested ? "The silo is stopping." : sagas.Problem ?? sagas.DefinitionProblem;
        return Task.FromResult(why is null ? HealthCheckResult.Healthy() : new(context.Registration.FailureStatus, why));
    }
}
