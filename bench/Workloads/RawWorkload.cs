using System.Buffers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OrleansSagas.Bench.Raw;

namespace OrleansSagas.Bench.Workloads;

/// <summary>
/// The limit to measure the engine by: as many rows per saga, each awaited, through a bare writer behind the same endpoint.
/// </summary>
internal sealed class RawWorkload(WorkloadSetup setup) : IWorkload
{
    private readonly RawWriter _writer = new(
        setup.Postgres is { } server ? new RawPostgres(server, WorkloadSetup.PostgresSchema) : new RawSqlite(setup.DatabaseFile),
        setup.SyncDelay
    );
    private readonly RawSagaPool _sagas = new();
    private readonly AnswerTemplate _answer = new(setup.Variant, setup.Order);
    private readonly ReadOnlyMemory<byte>[] _results = RawRows.ResultsOf(setup.Variant);

    /// <inheritdoc />
    public void AddTo(WebApplicationBuilder builder) { }

    /// <inheritdoc />
    public void MapTo(WebApplication app) => app.MapPost(Workload.PathOf(setup.Variant), AnswerAsync);

    /// <inheritdoc />
    public async ValueTask<SagaStatus> RunAsync(string key, ReadOnlyMemory<byte> data)
    {
        var saga = _sagas.Rent();
        await WriteRowsAsync(saga, data);
        _sagas.Return(saga);
        return Workload.EndOf(setup.Variant);
    }

    /// <inheritdoc />
    public WorkloadCounters Count() => new(_writer.Rows, _writer.Transactions);

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _writer.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var length = checked(
            (int)(context.Request.ContentLength ?? throw new BadHttpRequestException("The order needs a Content-Length."))
        );
        var order = ArrayPool<byte>.Shared.Rent(length);
        await context.Request.Body.ReadExactlyAsync(order.AsMemory(0, length));

        // A saga that failed is not returned to the pool: its row may still be in the writer's hands.
        var saga = _sagas.Rent();
        await WriteRowsAsync(saga, order.AsMemory(0, length));

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = _answer.Length;
        _answer.WriteTo(context.Response.BodyWriter, saga.Id);
        _sagas.Return(saga);
        ArrayPool<byte>.Shared.Return(order);
    }

    private async ValueTask WriteRowsAsync(RawSaga saga, ReadOnlyMemory<byte> order)
    {
        await saga.AppendAsync(_writer, order);
        foreach (var result in _results)
            await saga.AppendAsync(_writer, result);
    }
}
