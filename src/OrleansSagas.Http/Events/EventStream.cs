using System.Buffers;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Logging;
using OrleansSagas.Storage;

namespace OrleansSagas.Http.Events;

/// <summary>
/// One open stream: entries as they come, a sign of life when nothing does. Not <c>TypedResults.ServerSentEvents</c>: that has no comments,
/// sends no headers before the first event, and gives no reader up who takes nothing of a large one.
/// </summary>
internal sealed partial class EventStream(EventStreams streams, SagaKey saga, long after) : IResult, IEndpointMetadataProvider
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, streams.Host.ApplicationStopping);
        try
        {
            await OpenAsync(httpContext.Response, over.Token);
            await SendEntriesAsync(httpContext, streams.Sagas.WatchAsync(saga, after, over.Token), over);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The caller hung up or the silo stops: the stream ends here and can be resumed.
        }
        catch (StoreException failure)
        {
            LogBroken(streams.Log, failure);
        }
    }

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(SagaHistoryEntry), ["text/event-stream"]));

    private static async Task OpenAsync(HttpResponse response, CancellationToken cancellation)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await response.StartAsync(cancellation);
        await response.BodyWriter.FlushAsync(cancellation);
    }

    private async Task SendEntriesAsync(HttpContext context, IAsyncEnumerable<SagaHistoryEntry> entries, CancellationTokenSource over)
    {
        var output = context.Response.BodyWriter;
        using var heartbeat = new PeriodicTimer(streams.Options.Value.Heartbeat, streams.Clock);
        var source = entries.GetAsyncEnumerator(over.Token);
        var next = source.MoveNextAsync().AsTask();
        var beat = heartbeat.WaitForNextTickAsync(over.Token).AsTask();
        try
        {
            while (true)
            {
                await Task.WhenAny(next, beat);
                if (next.IsCompleted)
                {
                    if (!await next)
                        return;
                    if (!await TryWriteAsync(context, source.Current))
                        return;
                    next = source.MoveNextAsync().AsTask();
                }
                else
                {
                    await beat;
                    output.Write(EventStreamFormat.Heartbeat);
                    beat = heartbeat.WaitForNextTickAsync(over.Token).AsTask();
                }
                await output.FlushAsync(over.Token);
            }
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(next, beat)
                .ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await source.DisposeAsync();
        }
    }

    /// <summary>False where there is no room for a large entry: the stream ends here and can be resumed.</summary>
    private async ValueTask<bool> TryWriteAsync(HttpContext context, SagaHistoryEntry entry)
    {
        var size = EventStreamFormat.SizeOf(entry);
        if (size <= LargeResponseWriter.Small)
        {
            EventStreamFormat.Write(context.Response.BodyWriter, entry);
            return true;
        }
        var whole = new ArrayBufferWriter<byte>(size);
        EventStreamFormat.Write(whole, entry);
        if (!streams.Large.TryEnter(whole.WrittenCount))
            return false;
        await streams.Large.WriteAsync(context, whole.WrittenMemory);
        return true;
    }

    [LoggerMessage(1, LogLevel.Warning, "An event stream was cut: the store does not answer. Its reader resumes with Last-Event-ID.")]
    private static partial void LogBroken(ILogger log, Exception failure);
}
