using System.Net;
using System.Net.Sockets;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace OrleansSagas.Client;

/// <summary>Which failures are repeated, how long, and after which pause.</summary>
internal static class SagaRetries
{
    public static readonly ResiliencePropertyKey<TimeSpan> AttemptTimeout = new("orleanssagas.attempt-timeout");

    private static readonly ResiliencePropertyKey<long> FirstFailure = new("orleanssagas.first-failure");

    public static ResiliencePipeline<HttpResponseMessage> Build(SagaClientOptions options, TimeProvider clock) =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddRetry(
                new RetryStrategyOptions<HttpResponseMessage>
                {
                    MaxRetryAttempts = int.MaxValue,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = options.RetryDelay,
                    MaxDelay = options.MaxRetryDelay,
                    ShouldHandle = failed =>
                        ValueTask.FromResult(IsTransient(failed.Outcome) && IsInTime(failed.Context, options.RetryFor, clock)),
                    DelayGenerator = next => ValueTask.FromResult(AskedDelay(next.Outcome.Result, options, clock)),
                }
            )
            .AddTimeout(
                new TimeoutStrategyOptions
                {
                    TimeoutGenerator = attempt =>
                        ValueTask.FromResult(attempt.Context.Properties.GetValue(AttemptTimeout, options.AttemptTimeout)),
                }
            )
            .Build();

    public static bool IsTransient(Exception? failure) =>
        failure switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => false,
            // A connection that is lost just as it is made reaches us as the socket's own exception.
            HttpRequestException or IOException or SocketException or TimeoutRejectedException => true,
            _ => false,
        };

    public static bool IsTransient(HttpStatusCode status) =>
        status
            is HttpStatusCode.TooManyRequests
                or HttpStatusCode.BadGateway
                or HttpStatusCode.ServiceUnavailable
                or HttpStatusCode.GatewayTimeout;

    private static bool IsTransient(Outcome<HttpResponseMessage> outcome) =>
        outcome.Result is { } answer ? IsTransient(answer.StatusCode) : IsTransient(outcome.Exception);

    // Counted from the first failure, so that a call which waited long on the server is as patient as any other.
    private static bool IsInTime(ResilienceContext context, TimeSpan retryFor, TimeProvider clock)
    {
        var now = clock.GetTimestamp();
        if (!context.Properties.TryGetValue(FirstFailure, out var first))
            context.Properties.Set(FirstFailure, first = now);
        return clock.GetElapsedTime(first, now) < retryFor;
    }

    // What the server asks for, spread a little, so that the clients it turned away do not come back together.
    private static TimeSpan? AskedDelay(HttpResponseMessage? answer, SagaClientOptions options, TimeProvider clock)
    {
        var asked = answer?.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - clock.GetUtcNow(),
            _ => TimeSpan.Zero,
        };
        if (asked <= TimeSpan.Zero)
            return null;
        return (asked < options.MaxRetryDelay ? asked : options.MaxRetryDelay) + options.RetryDelay * Random.Shared.NextDouble();
    }
}
