using Orleans.CodeGeneration;
using Orleans.Concurrency;

namespace OrleansSagas.Orleans.Notifications;

/// <summary>Hears which of the sagas that are watched at its silo have changed. Its key is the silo's address.</summary>
[Alias("sagas.watch"), Version(1)]
internal interface IWatchGrain : IGrainWithStringKey
{
    /// <summary>Activates it at the silo that calls, and keeps it there.</summary>
    [Alias("stay")]
    Task StayAsync();

    /// <summary>Says that a saga has changed. It may be lost: whoever watches looks for itself now and then.</summary>
    [Alias("changed"), OneWay]
    Task ChangedAsync(SagaChanged changed);
}
