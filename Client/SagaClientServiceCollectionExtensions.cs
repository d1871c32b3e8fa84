using System.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OrleansSagas;
using OrleansSagas.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the saga client.</summary>
public static class SagaClientServiceCollectionExtensions
{
    /// <summary>Registers <see cref="ISagaClient"/>, a singleton that speaks HTTP to <see cref="SagaClientOptions.Address"/>.
    /// It takes its clock from a registered <see cref="TimeProvider"/>, or else from the system.</summary>
    /// <returns>The builder of the HTTP client below it, for handlers and certificates of your own.</returns>
    /// <exception cref="OptionsValidationException">
    /// A setting is wrong: thrown when the host starts, or else when the client is first resolved.
    /// </exception>
    public static IHttpClientBuilder AddSagaClient(this IServiceCollection services, Action<SagaClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<SagaClientOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SagaClientOptions>, SagaClientOptionsValidator>());
        services.TryAddSingleton<ISagaClient>(provider => new SagaClient(
            new HttpSagaCalls(
                new SagaChannel(
                    provider.GetRequiredService<IHttpClientFactory>().CreateClient(SagaChannel.HttpClientName),
                    provider.GetRequiredService<IOptions<SagaClientOptions>>().Value,
                    provider.GetService<TimeProvider>() ?? TimeProvider.System
                )
            )
        ));

        // The client lives as long as the process: connections are renewed below it, so that a change of address is seen.
        // A redirect would turn a POST into a GET, so it is reported instead of followed.
        return services
            .AddHttpClient(SagaChannel.HttpClientName)
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() =>
                new SocketsHttpHandler
                {
                    AllowAutoRedirect = false,
                    AutomaticDecompression = DecompressionMethods.All,
                    PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                    UseCookies = false,
                }
            );
    }
}
