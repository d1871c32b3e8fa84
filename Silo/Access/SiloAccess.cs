using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace OrleansSagas.Silo.Access;

/// <summary>Holds every request to <see cref="AccessOptions"/>: to a key where there are any, else to this machine.</summary>
internal static class SiloAccess
{
    public static void AddSiloAccess(this IServiceCollection services, IConfiguration settings)
    {
        services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AccessOptions>, AccessOptionsValidator>();
        if (!settings.GetSection(AccessOptions.Section).GetSection(nameof(AccessOptions.ApiKeys)).GetChildren().Any())
            return;
        services.AddSingleton(provider => new KeyRing([.. provider.GetRequiredService<IOptions<AccessOptions>>().Value.ApiKeys]));
        services
            .AddAuthentication(ApiKeyAuthenticationHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthenticationHandler>(ApiKeyAuthenticationHandler.SchemeName, null);
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
    }

    public static void UseSiloAccess(this WebApplication app)
    {
        // The framework's authentication costs each request a few objects, and without keys there is nothing to find out.
        if (app.Services.GetRequiredService<IOptions<AccessOptions>>().Value.ApiKeys.Count > 0)
            app.UseAuthentication().UseAuthorization();
        else
            app.Use(LoopbackGuard.InvokeAsync);
    }
}
