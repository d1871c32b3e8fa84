using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansSagas.Storage;

namespace OrleansSagas.Http.Events;

/// <summary>One open stream: entries as they come, a sign of life when nothing does.</summary>
internal sealed partial class EventStream(HttpContext context, EndpointServices services)
{
    private readonly HttpResponse _response = context.Response;

    public async Task SendAsync(SagaKey saga, long after, CancellationToken hungUp)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(hungUp, services.Stopping);
        await OpenAsync(over.Token);
        try
        {
            await SendEntriesAsync(services.Sagas.WatchAsync(saga, after, over.Token), over);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The caller hung up or the silo stops: the stream ends here and can be resumed.
        }
        catch (StoreException failure)
        {
            LogBroken(services.Log, failure);
        }
    }

    private async Task OpenAsync(CancellationToken cancellation)
    {
        _response.ContentType = "text/event-stream";
        _response.Headers.CacheControl = "no-store";
        _response.Headers["X-Accel-Buffering"] = "no";
        await _response.StartAsync(cancellation);
        await _response.BodyWriter.FlushAsync(cancellation);
    }

    private async Task SendEntriesAsync(IAsyncEnumerable<SagaHistoryEntry> entries, CancellationTokenSource over)
    {
        using var heartbeat = new PeriodicTimer(services.Options.Heartbeat, services.Clock);
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
                    if (!await TryWriteAsync(source.Current))
                        return;
                    next = source.MoveNextAsync().AsTask();
                }
                else
                {
                    await beat;
                    _response.BodyWriter.Write(EventStreamFormat.Heartbeat);
                    beat = heartbeat.WaitForNextTickAsync(over.Token).AsTask();
                }
                await _response.BodyWriter.FlushAsync(over.Token);
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
    private async ValueTask<bool> TryWriteAsync(SagaHistoryEntry entry)
    {
        var size = EventStreamFormat.SizeOf(entry);
        if (size <= LargeResponseWriter.Small)
        {
            EventStreamFormat.Write(_response.BodyWriter, entry);
            return true;
        }
        var large = new ArrayBufferWriter<byte>(size);
        EventStreamFormat.Write(large, entry);
        if (!services.LargeResponseWriter.TryEnter(large.WrittenCount))
            return false;
        await services.LargeResponseWriter.WriteAsync(context, large.WrittenMemory);
        return true;
    }

    [LoggerMessage(1, LogLevel.Warning, "An event stream was cut: the store does not answer. Its reader resumes with Last-Event-ID.")]
    private static partial void LogBroken(ILogger log, Exception failure);
}
