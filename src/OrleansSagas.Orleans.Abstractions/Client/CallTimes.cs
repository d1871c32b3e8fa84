using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace OrleansSagas.Orleans.Client;

/// <summary>
/// How long a call may be held: a third of the time in which it must be answered, so that what is held is never mistaken for what is lost.
/// </summary>
/// <param name="responseTimeout">The time in which a call must be answered.</param>
internal sealed class CallTimes(TimeSpan responseTimeout)
{
    /// <summary>
    /// Where nothing is said: what Orleans' own default makes of it. The silo that is asked, for a grain its own, shortens it where it
    /// must.
    /// </summary>
    private static readonly CallTimes Default = new(TimeSpan.FromSeconds(30));

    /// <summary>How long a call is held at most.</summary>
    public TimeSpan LongestHold { get; } = responseTimeout / 3;

    /// <summary>The shorter of what was asked for and what is possible.</summary>
    public TimeSpan Hold(TimeSpan asked) => asked < LongestHold ? asked : LongestHold;

    /// <summary>The times of a process: a silo says its own, a client has them in its options.</summary>
    public static CallTimes Of(IServiceProvider? services) =>
        services?.GetService<CallTimes>()
        ?? (
            services?.GetService<ILocalSiloDetails>() is null && services?.GetService<IOptions<ClientMessagingOptions>>() is { } client
                ? new CallTimes(client.Value.ResponseTimeout)
                : Default
        );
}
