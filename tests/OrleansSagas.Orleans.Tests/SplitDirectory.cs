using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Orleans.GrainDirectory;
using Orleans.Hosting;
using Orleans.Metadata;
using Orleans.Runtime;
using Orleans.Runtime.GrainDirectory;

namespace OrleansSagas.Orleans.Tests;

/// <summary>
/// The directory of the saga grains, which a test can split: then each silo finds only what it registered itself, and one saga has as many
/// activations as silos ask for it.
/// </summary>
internal sealed class SplitDirectory
{
    private readonly ConcurrentDictionary<GrainId, GrainAddress> _shared = new();
    private readonly ConcurrentDictionary<(SiloAddress, GrainId), GrainAddress> _own = new();
    private volatile bool _isSplit;

    /// <summary>From now on no silo knows what another one registers.</summary>
    public void Split() => _isSplit = true;

    public void AddTo(ISiloBuilder silo, string grainType) =>
        silo.Services.AddSingleton<IGrainDirectoryResolver>(services => new Resolver(
            grainType,
            () => new Half(this, services.GetRequiredService<ILocalSiloDetails>().SiloAddress)
        ));

    private sealed class Resolver(string type, Func<Half> half) : IGrainDirectoryResolver
    {
        private readonly Lazy<Half> _half = new(half);

        public bool TryResolveGrainDirectory(
            GrainType grainType,
            GrainProperties? properties,
            [NotNullWhen(true)] out IGrainDirectory? grainDirectory
        )
        {
            grainDirectory = grainType.ToString() == type ? _half.Value : null;
            return grainDirectory is not null;
        }
    }

    /// <summary>What one silo sees.</summary>
    private sealed class Half(SplitDirectory whole, SiloAddress silo) : IGrainDirectory
    {
        public Task<GrainAddress?> Register(GrainAddress address) =>
            Task.FromResult<GrainAddress?>(
                whole._isSplit
                    ? Find(address.GrainId) ?? whole._own.GetOrAdd((silo, address.GrainId), address)
                    : whole._shared.GetOrAdd(address.GrainId, address)
            );

        public Task<GrainAddress?> Register(GrainAddress address, GrainAddress? previousAddress)
        {
            if (previousAddress is not null)
                Remove(previousAddress);
            return Register(address);
        }

        public Task Unregister(GrainAddress address)
        {
            Remove(address);
            return Task.CompletedTask;
        }

        public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult(Find(grainId));

        public Task UnregisterSilos(List<SiloAddress> siloAddresses)
        {
            foreach (var (grain, address) in whole._shared)
                if (siloAddresses.Contains(address.SiloAddress!))
                    whole._shared.TryRemove(new(grain, address));
            return Task.CompletedTask;
        }

        private GrainAddress? Find(GrainId grain)
        {
            if (whole._isSplit && whole._own.TryGetValue((silo, grain), out var own))
                return own;
            return whole._shared.TryGetValue(grain, out var shared) && (!whole._isSplit || shared.SiloAddress!.Equals(silo))
                ? shared
                : null;
        }

        private void Remove(GrainAddress address)
        {
            if (whole._own.TryGetValue((silo, address.GrainId), out var own) && own.ActivationId == address.ActivationId)
                whole._own.TryRemove(new((silo, address.GrainId), own));
            if (whole._shared.TryGetValue(address.GrainId, out var shared) && shared.ActivationId == address.ActivationId)
                whole._shared.TryRemove(new(address.GrainId, shared));
        }
    }
}
