using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace OrleansSagas.Orleans.Hosting;

/// <summary>Lets the host wait for as long as a stop may take: running steps are given <see cref="SagaOptions.StopTimeout"/>, and then all is written, let go of and told to the other silos.</summary>
internal sealed class ShutdownDefaults(SagaOptions sagas) : IPostConfigureOptions<HostOptions>
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(15);

    public void PostConfigure(string? name, HostOptions options)
    {
        if (options.ShutdownTimeout < sagas.StopTimeout + Rest)
            options.ShutdownTimeout = sagas.StopTimeout + Rest;
    }
}
