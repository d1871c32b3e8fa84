using Orleans.CodeGeneration;

namespace OrleansSagas.Orleans.Client;

/// <summary>The front door for code inside the cluster: what HTTP is for everybody else. What it answers is the JSON of the public API.</summary>
[Alias("sagas.door"), Version(1)]
internal interface IDoorGrain : IGrainWithIntegerKey
{
    [Alias("start")]
    Task<DoorAnswer> StartAsync(DoorStart start, CancellationToken cancellation);

    [Alias("act")]
    Task<DoorAnswer> ActAsync(DoorAct act, CancellationToken cancellation);

    /// <summary>A saga when it has ended or <paramref name="wait"/> is over; null if there is none.</summary>
    [Alias("get")]
    Task<byte[]?> GetAsync(string saga, TimeSpan wait, CancellationToken cancellation);

    /// <summary>A stretch of a saga's history; null if there is no such saga.</summary>
    [Alias("history")]
    Task<byte[]?> HistoryAsync(string saga, long after, CancellationToken cancellation);

    /// <summary>What comes after <paramref name="after"/>, as soon as something does; nothing where nothing came for a while; null where nothing more will.</summary>
    [Alias("next")]
    Task<byte[]?> NextAsync(string saga, long after, CancellationToken cancellation);

    [Alias("list")]
    Task<byte[]> ListAsync(DoorQuery query, CancellationToken cancellation);
}
