using Microsoft.AspNetCore.Builder;

namespace OrleansSagas.Bench.Workloads;

/// <summary>Something that takes a saga's start and answers with its end; the same over HTTP and in process.</summary>
internal interface IWorkload : IAsyncDisposable
{
    /// <summary>Adds what the workload needs to the silo.</summary>
    void AddTo(WebApplicationBuilder builder);

    /// <summary>Maps <c>POST /sagas/bench-ok</c> or <c>bench-fail</c>.</summary>
    void MapTo(WebApplication app);

    /// <summary>Runs one saga in process and returns the status that it ended with.</summary>
    /// <param name="key">The start's idempotency key.</param>
    /// <param name="data">The saga's data, JSON.</param>
    ValueTask<SagaStatus> RunAsync(string key, ReadOnlyMemory<byte> data);

    /// <summary>What was counted so far.</summary>
    WorkloadCounters Count();
}
