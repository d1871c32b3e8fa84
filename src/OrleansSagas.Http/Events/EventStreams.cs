using System.Threading.RateLimiting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace OrleansSagas.Http.Events;

/// <summary>What all event streams need, and how many there may be.</summary>
internal sealed record EventStreams(
    SagaService Sagas,
    IOptions<SagaHttpOptions> Options,
    LargeResponseWriter Large,
    IHostApplicationLifetime Host,
    TimeProvider Clock,
    ILogger<EventStream> Log
)
{
    /// <summary>A stream takes a permit.</summary>
    public ConcurrencyLimiter Limiter { get; } = new(new() { PermitLimit = Options.Value.MaxEventStreams, QueueLimit = 0 });
}
