using System.Text.Json;
using Orleans.Concurrency;

namespace OrleansSagas.Orleans.Client;

/// <summary>Asks the sagas of the silo that it is on, as the HTTP front door does.</summary>
[GrainType("sagas.door"), StatelessWorker, Reentrant]
internal sealed class DoorGrain(Sagas sagas, SagaRuntime runtime) : Grain, IDoorGrain
{
    private const int HistoryPage = 100;

    /// <summary>How long a call is held at most, well below the time in which a grain must answer.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    public async Task<DoorAnswer> StartAsync(DoorStart start, CancellationToken cancellation) => AnswerOf(await sagas.StartAsync(
        new StartSaga
        {
            Type = start.Type,
            Version = start.Version,
            Id = start.Saga is { } id ? new SagaId(id) : null,
            Data = start.Data,
            CorrelationId = start.CorrelationId,
            RequestId = start.RequestId,
            Wait = Shorter(start.Wait),
        },
        cancellation));

    public async Task<DoorAnswer> ActAsync(DoorAct act, CancellationToken cancellation) => AnswerOf(await sagas.ActAsync(
        new ActOnSaga
        {
            Saga = Key(act.Saga),
            Verb = Enum.Parse<SagaVerb>(act.Verb),
            Actor = act.Actor,
            Reason = act.Reason,
            Step = act.Step,
            RequestId = act.RequestId,
            Body = JsonSerializer.SerializeToUtf8Bytes(new OperatorRequest { Actor = act.Actor, Reason = act.Reason, Step = act.Step }, SagaJsonContext.Default.OperatorRequest),
        },
        cancellation));

    public async Task<byte[]?> GetAsync(string saga, TimeSpan wait, CancellationToken cancellation) =>
        await sagas.WaitAsync(Key(saga), Shorter(wait), cancellation) is { } view ? JsonSerializer.SerializeToUtf8Bytes(view, SagaJsonContext.Default.SagaView) : null;

    public async Task<byte[]?> HistoryAsync(string saga, long after, CancellationToken cancellation) =>
        await sagas.HistoryAsync(Key(saga), after, HistoryPage, cancellation) is { } history ? JsonSerializer.SerializeToUtf8Bytes(history, SagaJsonContext.Default.SagaHistory) : null;

    public async Task<byte[]?> NextAsync(string saga, long after, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(LongestWait, runtime.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            await foreach (var _ in sagas.WatchAsync(Key(saga), after, either.Token))
                return await HistoryAsync(saga, after, cancellation);
            return null;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return JsonSerializer.SerializeToUtf8Bytes(new SagaHistory([], null), SagaJsonContext.Default.SagaHistory);
        }
    }

    public async Task<byte[]> ListAsync(DoorQuery query, CancellationToken cancellation) => JsonSerializer.SerializeToUtf8Bytes(
        await sagas.ListAsync(
            new Storing.SagaQuery
            {
                Type = query.Type,
                Status = query.Status is { } status ? Enum.Parse<SagaStatus>(status) : null,
                CorrelationId = query.CorrelationId,
                Tags = [.. query.Tags],
                StartedFrom = query.StartedFrom,
                StartedBefore = query.StartedBefore,
                After = query.After,
                Limit = query.Limit,
            },
            cancellation),
        SagaJsonContext.Default.SagaPage);

    private static TimeSpan Shorter(TimeSpan wait) => wait < LongestWait ? wait : LongestWait;

    private static SagaKey Key(string saga) => new(new SagaId(saga));

    private static DoorAnswer AnswerOf(SagaAnswer answer) => answer switch
    {
        SagaAnswer.Accepted accepted => new() { View = JsonSerializer.SerializeToUtf8Bytes(accepted.View, SagaJsonContext.Default.SagaView) },
        SagaAnswer.Refused refused => new() { Problem = Refusals.ProblemOf(refused.Refusal), Detail = refused.Detail },
        _ => throw new ArgumentOutOfRangeException(nameof(answer), answer.GetType().Name, "This answer is not known."),
    };
}
