using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace OrleansSagas.Bench.Workloads;

/// <summary>An endpoint that answers at once: what it reaches is the ceiling of the generator and of Kestrel together.</summary>
internal sealed class EmptyWorkload(WorkloadSetup setup) : IWorkload
{
    /// <summary>The id in every answer of a workload that has no sagas.</summary>
    public static readonly byte[] Id = new byte[AnswerTemplate.IdLength];

    private readonly AnswerTemplate _answer = new(setup.Variant, setup.Order);

    static EmptyWorkload() => Array.Fill(Id, (byte)'0');

    /// <inheritdoc />
    public void AddTo(WebApplicationBuilder builder) { }

    /// <inheritdoc />
    public void MapTo(WebApplication app) => app.MapPost(Workload.PathOf(setup.Variant), Answer);

    /// <inheritdoc />
    public ValueTask<SagaStatus> RunAsync(string key, ReadOnlyMemory<byte> data) => new(Workload.EndOf(setup.Variant));

    /// <inheritdoc />
    public WorkloadCounters Count() => new(0, 0);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task Answer(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = _answer.Length;
        _answer.WriteTo(context.Response.BodyWriter, Id);
        return Task.CompletedTask;
    }
}
