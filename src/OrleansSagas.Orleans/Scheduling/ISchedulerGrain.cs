using Orleans.CodeGeneration;
using Orleans.Concurrency;

namespace OrleansSagas.Orleans.Scheduling;

/// <summary>One of a few that watch the clock for all sagas. Its key is its number.</summary>
[Alias("sagas.scheduler"), Version(1)]
internal interface ISchedulerGrain : IGrainWithIntegerKey
{
    /// <summary>Says that it may be time to look.</summary>
    [Alias("ping"), OneWay]
    Task PingAsync();
}
