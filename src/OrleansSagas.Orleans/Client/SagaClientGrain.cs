using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orleans.Concurrency;
using OrleansSagas.Storage;

namespace OrleansSagas.Orleans.Client;

/// <summary>Asks the sagas of the silo that it is on, as the HTTP endpoints do.</summary>
[GrainType("sagas.client"), StatelessWorker, Reentrant]
internal sealed class SagaClientGrain(SagaService sagas, SagaRuntime runtime, CallTimes times) : Grain, ISagaClientGrain
{
    private const int HistoryPage = 100;

    public async Task<SagaResponse> StartAsync(SagaStartRequest request)
    {
        SagaId? id = null;
        if (request.Saga is { } given)
        {
            if (!SagaId.TryParse(given, out var parsed))
                return Invalid("The saga id is not one.");
            id = parsed;
        }

        Dictionary<string, string>? headers = null;
        foreach (var (name, value) in request.Headers ?? [])
            if (name is null || !(headers ??= new(StringComparer.Ordinal)).TryAdd(name, value))
                return Invalid("A header has no name, or is there twice.");
        return ResponseOf(
            await sagas.StartAsync(
                new StartSaga
                {
                    Type = request.Type,
                    Version = request.Version,
                    Id = id,
                    Data = request.Data,
                    CorrelationId = request.CorrelationId,
                    Headers = headers,
                    Caller = SagaCallers.Cluster,
                    RequestId = request.RequestId,
                    Wait = times.Hold(request.Wait),
                },
                CancellationToken.None
            )
        );
    }

    public async Task<SagaResponse> ActAsync(SagaOperatorRequest request)
    {
        if (!SagaId.TryParse(request.Saga, out var saga))
            return NotFound(request.Saga);
        if (!Enum.TryParse<OperatorAction>(request.Verb, out var verb) || !Enum.IsDefined(verb))
            return Invalid($"The verb '{request.Verb}' is not known here.");
        return ResponseOf(
            await sagas.ActAsync(
                new OperatorCommand
                {
                    Saga = new SagaKey(saga),
                    Verb = verb,
                    Actor = request.Actor,
                    Reason = request.Reason,
                    Step = request.Step,
                    Caller = SagaCallers.Cluster,
                    RequestId = request.RequestId,
                    Body = JsonSerializer.SerializeToUtf8Bytes(
                        new OperatorRequest
                        {
                            Actor = request.Actor,
                            Reason = request.Reason,
                            Step = request.Step,
                        },
                        SagaJsonContext.Default.OperatorRequest
                    ),
                },
                CancellationToken.None
            )
        );
    }

    public Task<SagaResponse> GetAsync(string saga, TimeSpan wait, CancellationToken cancellationToken) =>
        ReadAsync(
            saga,
            async key =>
            {
                var began = runtime.Clock.GetTimestamp();
                var held = times.Hold(wait);
                if (await sagas.WaitAsync(key, held, cancellationToken) is not { } view)
                    return NotFound(saga);

                // A silo that stops answers before the wait is over: whoever waits asks another one, after a pause.
                if (!view.Status.IsTerminal() && runtime.Clock.GetElapsedTime(began) < held && sagas.Problem is { } problem)
                    return Refused(SagaRefusal.Unavailable, problem);
                return Found(view, SagaJsonContext.Default.SagaView);
            }
        );

    public Task<SagaResponse> HistoryAsync(string saga, long afterRevision, CancellationToken cancellationToken) =>
        ReadAsync(
            saga,
            async key =>
                await sagas.HistoryAsync(key, afterRevision, HistoryPage, cancellationToken) is { } history
                    ? Found(history, SagaJsonContext.Default.SagaHistory)
                    : NotFound(saga)
        );

    public Task<SagaResponse> NextAsync(string saga, long afterRevision, TimeSpan wait, CancellationToken cancellationToken) =>
        ReadAsync(
            saga,
            async key =>
            {
                using var timeout = new CancellationTokenSource(times.Hold(wait), runtime.Clock);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
                try
                {
                    await foreach (var _ in sagas.WatchAsync(key, afterRevision, either.Token))
                    {
                        if (await sagas.HistoryAsync(key, afterRevision, HistoryPage, cancellationToken) is not { } history)
                            return NotFound(saga);
                        return Found(
                            history,
                            SagaJsonContext.Default.SagaHistory,
                            history.Items.Any(entry => entry.Event == History.EventTypes.EndedName)
                        );
                    }
                }
                catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                {
                    return Found(new SagaHistory([], null), SagaJsonContext.Default.SagaHistory);
                }

                // Nothing came and nothing will: it has ended, or this silo stops and another one must be asked.
                return await sagas.GetAsync(key, cancellationToken) switch
                {
                    null => NotFound(saga),
                    { EndedAt: null } => Refused(SagaRefusal.Unavailable, sagas.Problem ?? "The silo stops telling of changes."),
                    _ => Found(new SagaHistory([], null), SagaJsonContext.Default.SagaHistory, isLast: true),
                };
            }
        );

    public Task<SagaResponse> ListAsync(SagaListRequest request, CancellationToken cancellationToken) =>
        ReadAsync(async () =>
        {
            SagaStatus? status = null;
            if (request.Status is { } given)
            {
                if (!Enum.TryParse<SagaStatus>(given, out var known) || !Enum.IsDefined(known))
                    return Invalid($"The status '{given}' is not known here.");
                status = known;
            }

            if (request.Limit is < 1 or > 1000)
                return Invalid("The limit must be 1 to 1,000.");
            var query = new SagaQuery
            {
                Type = request.Type,
                Status = status,
                CorrelationId = request.CorrelationId,
                Tags = [.. request.Tags],
                StartedFrom = request.StartedFrom,
                StartedBefore = request.StartedBefore,
                After = request.After,
                Limit = request.Limit,
            };
            try
            {
                return Found(await sagas.ListAsync(query, cancellationToken), SagaJsonContext.Default.SagaPage);
            }
            catch (FormatException exception)
            {
                return Invalid(exception.Message);
            }
        });

    private static Task<SagaResponse> ReadAsync(string saga, Func<SagaKey, Task<SagaResponse>> read) =>
        SagaId.TryParse(saga, out var id) ? ReadAsync(() => read(new SagaKey(id))) : Task.FromResult(NotFound(saga));

    private static async Task<SagaResponse> ReadAsync(Func<Task<SagaResponse>> read)
    {
        try
        {
            return await read();
        }
        catch (StoreException exception)
        {
            return Refused(SagaRefusal.Unavailable, exception.Message);
        }
    }

    private static SagaResponse ResponseOf(SagaResult answer) =>
        answer switch
        {
            SagaResult.Accepted accepted => Found(accepted.View, SagaJsonContext.Default.SagaView),
            SagaResult.Refused refused => Refused(refused.Refusal, refused.Detail),
            _ => throw new ArgumentOutOfRangeException(nameof(answer), answer.GetType().Name, "This answer is not known."),
        };

    private static SagaResponse Found<T>(T content, JsonTypeInfo<T> json, bool isLast = false) =>
        new() { Content = JsonSerializer.SerializeToUtf8Bytes(content, json), IsLast = isLast };

    private static SagaResponse NotFound(string saga) => Refused(SagaRefusal.SagaNotFound, $"No saga has the id '{saga}'.");

    private static SagaResponse Invalid(string detail) => Refused(SagaRefusal.InvalidRequest, detail);

    private static SagaResponse Refused(SagaRefusal refusal, string detail) =>
        new() { Problem = Refusal.Of(refusal).Problem, Detail = detail };
}
