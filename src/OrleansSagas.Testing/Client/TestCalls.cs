using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Storage;

namespace OrleansSagas.Testing;

/// <summary>Calls into the process under test, as a client makes them: while it takes none, they are repeated.</summary>
internal sealed class TestCalls(SagaTestHost host)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly Task Never = new TaskCompletionSource().Task;

    /// <summary>Asks for something that is taken or refused.</summary>
    /// <exception cref="SagaClientException">It was refused.</exception>
    public async Task<SagaView> AskAsync(
        string purpose,
        Func<SagaService, Task<SagaResult>> ask,
        SagaId? saga,
        string? requestId,
        CancellationToken cancellation
    )
    {
        var answer = await CallAsync(purpose, ask, answer => (answer as SagaResult.Refused)?.RetryAfter, cancellation);
        if (answer is SagaResult.Accepted accepted)
            return accepted.View;
        var refused = (SagaResult.Refused)answer;
        var refusal = Refusal.Of(refused.Refusal);
        var call = new RefusedCall(purpose)
        {
            Saga = saga,
            RequestId = requestId,
            Problem = refusal.Problem,
            Detail = refused.Detail,
        };
        throw refusal.ToException(call);
    }

    /// <summary>Reads something.</summary>
    /// <exception cref="SagaUnavailableException">The store does not answer.</exception>
    public async Task<T> ReadAsync<T>(string purpose, Func<SagaService, Task<T>> read, CancellationToken cancellation)
    {
        var (value, outage) = await CallAsync(purpose, ReadOrNotAsync, result => result.Outage is null ? null : Pause, cancellation);
        return outage is null ? value! : throw new SagaUnavailableException($"Could not {purpose}: {outage.Message}", outage);

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
            if (retryAfter(answer) is not { } pause || host.Time.GetElapsedTime(began) + pause > Patience)
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
