using Orleans.CodeGeneration;
using Orleans.Concurrency;

namespace OrleansSagas.Orleans.Placement;

/// <summary>Hears what other silos say of themselves. Its key is the address of the silo that it is on.</summary>
[Alias("sagas.silo"), Version(1)]
internal interface ISiloNoticeGrain : IGrainWithStringKey
{
    /// <summary>
    /// Says how a silo is. It may be lost: it is said again soon, and a silo that is full or leaving says so itself when it is asked.
    /// </summary>
    [Alias("hear"), OneWay]
    Task HearAsync(SiloNotice notice);
}
