using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Hosting;
using Orleans.Runtime;

namespace OrleansSagas.Orleans.Testing;

/// <summary>Stops the grain directory of a silo that is killed inside this process.</summary>
/// <remarks>
/// In Orleans 10.4.2 <c>LocalGrainDirectory.ProcessMembershipUpdates</c> reads the membership updates in a loop that only its own token
/// ends. Where the updates end first, as in a silo that is killed, it goes round without a pause and keeps a processor busy until the
/// process ends.
/// </remarks>
internal sealed class GrainDirectoryStop(IServiceProvider services) : ILifecycleParticipant<ISiloLifecycle>
{
    private const string Directory = "Orleans.Runtime.GrainDirectory.LocalGrainDirectory";
    private const string Token = "_membershipUpdatesCancellation";

    public static void AddTo(ISiloBuilder silo) =>
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILifecycleParticipant<ISiloLifecycle>, GrainDirectoryStop>());

    // The first stage is stopped last, also in a silo that is killed.
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(GrainDirectoryStop), ServiceLifecycleStage.First, _ => Task.CompletedTask, _ => StopAsync());

    private Task StopAsync()
    {
        var type =
            typeof(ISiloLifecycle).Assembly.GetType(Directory)
            ?? typeof(SiloLifecycleSubject).Assembly.GetType(Directory, throwOnError: true)!;
        var token =
            type.GetField(Token, BindingFlags.Instance | BindingFlags.NonPublic)
            ?? throw new InvalidOperationException($"{Directory} has no field {Token} any more.");
        try
        {
            return ((CancellationTokenSource)token.GetValue(services.GetRequiredService(type))!).CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            return Task.CompletedTask; // it was stopped in order
        }
    }
}
