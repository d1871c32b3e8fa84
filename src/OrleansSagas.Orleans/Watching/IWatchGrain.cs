using Orleans.CodeGeneration;
namespace OrleansSagas.Orleans.Watching;

/// <summary>A silo's ear: it hears which of the sagas that are watched at its silo have changed. Its key is the silo's address.</summary>
[Alias("sagas.watch"), Version(1)]
internal interface IWatchGrain : IGrainWithStringKey
{
    /// <summary>Activates it at the silo that calls, and keeps it there.</summary>
    [Alias("stay")]
    Task StayAsync();
}
