using System.Diagnostics;
using System.Globalization;

namespace OrleansSagas.EndToEnd.Tests.Cluster;

/// <summary>How the others take over from a silo that is gone.</summary>
/// <param name="Unfinished">How many sagas had not ended when it went, its own and the others'.</param>
/// <param name="Declared">How long after that it was declared dead.</param>
/// <param name="ShutOut">How long after that the store took nothing more of it.</param>
/// <param name="WentOn">How long after that every one of those sagas had gone on.</param>
internal sealed record TakeOver(int Unfinished, TimeSpan Declared, TimeSpan ShutOut, TimeSpan WentOn)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);
    private static readonly SagaStatus[] Going = [SagaStatus.Running, SagaStatus.Waiting, SagaStatus.Compensating];

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"declared dead after {Declared.TotalSeconds:0.0} s, shut out of the store after {ShutOut.TotalSeconds:0.0} s; {Unfinished} "
                + $"unfinished sagas had gone on after {WentOn.TotalSeconds:0.0} s"
        );

    /// <summary>Takes a silo away by <paramref name="go"/>, and watches until all has gone on.</summary>
    public static async Task<TakeOver> WatchAsync(ClusterPlace cluster, int silo, Func<Task> go)
    {
        var dead = await cluster.DeadAsync(silo);
        var (clock, at) = (Stopwatch.StartNew(), DateTimeOffset.UtcNow);
        await go();
        var declared = AfterAsync(async () => await cluster.DeadAsync(silo) > dead);
        var shutOut = AfterAsync(async () => !await cluster.IsInStoreAsync(silo));
        var left = await UnfinishedAsync(cluster.Sagas, at);
        var unfinished = left.Count;
        while (left.Count > 0)
        {
            left = await StillAsync(cluster.Sagas, left, at);
            if (left.Count == 0)
                break;
            if (clock.Elapsed > Bound)
                throw new TimeoutException(
                    $"Waited {Bound} for the sagas of a silo that is gone to go on; {left.Count} have not: "
                        + $"{string.Join(", ", left.Take(5))}"
                );
            await Task.Delay(Glance);
        }

        var wentOn = clock.Elapsed;
        return new TakeOver(unfinished, await declared.WaitAsync(Bound), await shutOut.WaitAsync(Bound), wentOn);

        async Task<TimeSpan> AfterAsync(Func<Task<bool>> hasHappened)
        {
            while (!await hasHappened())
                await Task.Delay(Glance);
            return clock.Elapsed;
        }
    }

    private static async Task<List<SagaId>> UnfinishedAsync(ISagaClient sagas, DateTimeOffset at)
    {
        var found = new List<SagaId>();
        foreach (var status in Going)
        await foreach (
            var saga in sagas.ListAsync(
                new()
                {
                    Status = status,
                    StartedBefore = at,
                    PageSize = 1000,
                }
            )
        )
            found.Add(saga.Id);
        return found;
    }

    private static async Task<List<SagaId>> StillAsync(ISagaClient sagas, List<SagaId> unfinished, DateTimeOffset at)
    {
        var left = new List<SagaId>();
        foreach (var id in unfinished)
        {
            var view = await sagas.Get(id).GetAsync();
            if (!view.Status.IsTerminal() && view.Status is not (SagaStatus.Paused or SagaStatus.Stuck) && view.UpdatedAt <= at)
                left.Add(id);
        }

        return left;
    }
}
