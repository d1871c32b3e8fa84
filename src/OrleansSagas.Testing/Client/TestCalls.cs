using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Storage;

namespace OrleansSagas.Testing;

/// <summary>
/// Calls into the process under test, as a client makes them: while it takes none, they are repeated. Waiting lets the clock move.
/// </summary>
internal sealed class TestCalls(SagaTestHost host) : ServiceCalls, ISagaCalls
{
    private static readonly Task Never = new TaskCompletionSource().Task;

    public override TimeProvider Clock => host.Time;

    /// <summary>No call is held: the clock moves only between calls.</summary>
    public override TimeSpan LongestHold => TimeSpan.Zero;

    /// <summary>A virtual clock holds any time.</summary>
    public TimeSpan LongestWait => TimeSpan.MaxValue;

    public override string NewRequestId() => host.Ids.NewRequestId();

    public Task<SagaView> WaitForEndAsync(SagaId saga, SagaWait wait, SagaView? last, CancellationToken cancellationToken) =>
        host.ViewOf(new SagaKey(saga)) is null
            ? throw NotFound(new RefusedCall($"wait for saga '{saga}'") { Saga = saga })
            : host.WaitForEndAsync(new SagaKey(saga), wait.Timeout, cancellationToken);

    public override async IAsyncEnumerable<SagaHistoryEntry> WatchAsync(
        SagaId saga,
        long afterRevision,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var key = new SagaKey(saga);
        var after = afterRevision;
        while (true)
        {
            var page = await HistoryAsync(saga, after, cancellationToken);
            foreach (var entry in page.Items)
                yield return entry;
            if (page.Items.Count > 0)
                after = page.Items[^1].Revision;
            if (host.RevisionOf(key) > after)
                continue;
            if (host.ViewOf(key) is { EndedAt: not null })
                yield break;
            await host.WaitAsync(
                key,
                () => host.RevisionOf(key) > after ? host.ViewOf(key) : null,
                null,
                $"an entry of saga '{saga}' after {after}",
                cancellationToken
            );
        }
    }

    protected override async Task<SagaView> AskAsync(
        RefusedCall call,
        Func<SagaService, Task<SagaResult>> ask,
        CancellationToken cancellationToken
    ) =>
        await CallAsync(call.Purpose, ask, answer => (answer as SagaResult.Refused)?.RetryAfter, cancellationToken) switch
        {
            SagaResult.Accepted accepted => accepted.View,
            var refused => throw Refused(call, (SagaResult.Refused)refused),
        };

    protected override async Task<T> ReadAsync<T>(RefusedCall call, Func<SagaService, Task<T>> read, CancellationToken cancellationToken)
    {
        var (value, outage) = await CallAsync(
            call.Purpose,
            ReadOrNotAsync,
            result => result.Outage is null ? null : Pause,
            cancellationToken
        );
        return outage is null ? value! : throw Unavailable(call, outage);

        async Task<(T? Value, StoreException? Outage)> ReadOrNotAsync(SagaService sagas)
        {
            try
            {
                return (await read(sagas), null);
            }
            catch (StoreException exception)
            {
                return (default, exception);
            }
        }
    }

    protected override SagaDefinition? Find(string type, int? version) => host.Catalog.Find(type, version);

    private async Task<T> CallAsync<T>(
        string purpose,
        Func<SagaService, Task<T>> call,
        Func<T, TimeSpan?> retryAfter,
        CancellationToken cancellation
    )
    {
        var began = host.Time.GetTimestamp();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (VirtualTime.TimerOwner.Value is StepAttempt { Life.Over.IsCompleted: true })
                await Never; // a step of a dead process calls nobody
            var life = host.Up();
            var calling = CallAsync(life, call);
            await host.DeadlineAsync(Task.WhenAny(calling, life.Over), purpose, null, cancellation);
            await host.SettleAsync();
            if (!calling.IsCompleted)
                continue; // the process died over it
            var answer = await calling;
            if (retryAfter(answer) is not { } pause || host.Time.GetElapsedTime(began) + pause > TransientRetry.Limit)
                return answer;
            await host.AdvanceAsync(pause);
        }
    }

    private static Task<T> CallAsync<T>(TestProcess life, Func<SagaService, Task<T>> call)
    {
        var source = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = life.Runtime.Start(async () =>
        {
            try
            {
                await life.Starting;
                source.TrySetResult(await call(life.Services.GetRequiredService<SagaService>()));
            }
            catch (Exception exception)
            {
                source.TrySetException(exception);
            }
        });
        return source.Task;
    }
}
