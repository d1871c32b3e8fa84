using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansSagas.Http;
using OrleansSagas.Storage;
using OrleansSagas.Storage.PostgreSql;
using OrleansSagas.Storage.Sqlite;

namespace OrleansSagas.Bench.Workloads;

/// <summary>The saga engine over its store: trivial asynchronous steps, each result durable before the next step starts.</summary>
/// <param name="setup">What it is made of.</param>
/// <param name="addEngine">Adds the engine: <see cref="BenchEngine.AddSilo"/> or <see cref="BenchEngine.AddInProcess"/>.</param>
internal sealed class EngineWorkload(WorkloadSetup setup, Action<WebApplicationBuilder, WorkloadSetup, Action<SagasBuilder>> addEngine)
    : IWorkload
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    private WebApplication? _app;
    private SagaService? _sagas;

    /// <inheritdoc />
    public void AddTo(WebApplicationBuilder builder)
    {
        builder.Services.AddSagaHttp();
        addEngine(builder, setup, sagas => sagas.Add(BenchSaga.Ok(setup.Steps)).Add(BenchSaga.Fail).Add(BenchSaga.Waiting));
        if (setup.Postgres is { } server)
        {
            builder.Services.AddPostgreSqlSagaStore(store =>
            {
                store.ConnectionString = server;
                store.Schema = WorkloadSetup.PostgresSchema;
            });
            return;
        }

        builder.Services.AddSqliteSagaStore(store =>
        {
            store.Path = setup.DatabaseFile;
            store.SyncDelay = setup.SyncDelay;
        });
    }

    /// <inheritdoc />
    public void MapTo(WebApplication app)
    {
        _app = app;
        _sagas = app.Services.GetRequiredService<SagaService>();
        _ = app.MapSagas();
    }

    /// <inheritdoc />
    public async ValueTask<SagaStatus> RunAsync(string key, ReadOnlyMemory<byte> data)
    {
        var start = new StartSaga
        {
            Type = Workload.TypeOf(setup.Variant),
            Data = data,
            RequestId = key,
            Wait = Wait,
        };

        // Each that waits is found under a tag and a correlation id of its own.
        if (setup.Variant == Variant.Waiting)
            start = start with { Data = OrderData.Named(key), CorrelationId = key, Wait = TimeSpan.Zero };
        var answer = await _sagas!.StartAsync(start, CancellationToken.None);
        return answer is SagaResult.Accepted { View: var view }
            ? view.Status
            : throw new InvalidOperationException($"The engine answered {answer}.");
    }

    /// <inheritdoc />
    public WorkloadCounters Count()
    {
        var store = _app!.Services.GetRequiredService<ISagaStore>();
        return store is PostgreSqlSagaStore postgres ? new(postgres.Commits, postgres.Transactions)
            : store is SqliteSagaStore sqlite ? new(sqlite.Commits, sqlite.Transactions)
            : throw new InvalidOperationException($"{store.GetType().Name} counts nothing.");
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
