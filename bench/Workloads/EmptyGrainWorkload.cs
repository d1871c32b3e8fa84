using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrleansSagas.Bench.Workloads;

/// <summary>
/// An Orleans silo with nothing of the engine in it, whose endpoint calls an empty grain with the request's own key: the activation, the
/// call and the deactivation are what Orleans costs before anything is done in it. Without load it is an empty silo.
/// </summary>
internal sealed class EmptyGrainWorkload(WorkloadSetup setup) : IWorkload
{
    private readonly AnswerTemplate _answer = new(setup.Variant, setup.Order);
    private IGrainFactory? _grains;

    /// <inheritdoc />
    public void AddTo(WebApplicationBuilder builder) => builder.UseOrleans(BenchEngine.ConfigureAlone);

    /// <inheritdoc />
    public void MapTo(WebApplication app)
    {
        _grains = app.Services.GetRequiredService<IGrainFactory>();
        app.MapPost(Workload.PathOf(setup.Variant), AnswerAsync);
    }

    /// <inheritdoc />
    public async ValueTask<SagaStatus> RunAsync(string key, ReadOnlyMemory<byte> data)
    {
        await _grains!.GetGrain<IEmptyGrain>(key).CallAsync();
        return Workload.EndOf(setup.Variant);
    }

    /// <inheritdoc />
    public WorkloadCounters Count() => new(0, 0);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task AnswerAsync(HttpContext context)
    {
        await _grains!.GetGrain<IEmptyGrain>(context.Request.Headers["Idempotency-Key"].ToString()).CallAsync();
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = _answer.Length;
        _answer.WriteTo(context.Response.BodyWriter, EmptyWorkload.Id);
    }
}
