using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http;

/// <summary>What every endpoint needs, found once when the routes are mapped and not again with each request.</summary>
internal sealed class EndpointServices
{
    public EndpointServices(
        SagaService sagas,
        IOptions<SagaHttpOptions> options,
        IHostApplicationLifetime lifetime,
        TimeProvider clock,
        ILogger<EndpointServices> log
    )
    {
        (Sagas, Options, Clock, Log, Stopping) = (sagas, options.Value, clock, log, lifetime.ApplicationStopping);
        var large = new ByteBudget(Options.MaxLargeBytes);
        Bodies = new(large, Options, clock);
        LargeResponseWriter = new(large, Options.LargeTimeout, clock);
        EventStreams = new(Options.MaxEventStreams);
    }

    public SagaService Sagas { get; }

    public SagaHttpOptions Options { get; }

    public BodyReader Bodies { get; }

    public LargeResponseWriter LargeResponseWriter { get; }

    public ByteBudget EventStreams { get; }

    public TimeProvider Clock { get; }

    public ILogger Log { get; }

    /// <summary>Signalled when a graceful shutdown begins: whoever waits is answered then.</summary>
    public CancellationToken Stopping { get; }
}
