using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrleansSagas.Http;

/// <summary>What every endpoint needs, found once when the routes are mapped and not again with each request.</summary>
internal sealed class FrontDoor(
    Sagas sagas,
    IOptions<SagaHttpOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider clock,
    ILogger<FrontDoor> log)
{
    public Sagas Sagas { get; } = sagas;

    public SagaHttpOptions Options { get; } = options.Value;

    public TimeProvider Clock { get; } = clock;

    public ILogger Log { get; } = log;

    /// <summary>Signalled when a graceful shutdown begins: whoever waits is answered then.</summary>
    public CancellationToken Stopping { get; } = lifetime.ApplicationStopping;
}
