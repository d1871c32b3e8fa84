using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Polly;

namespace OrleansSagas.Client;

/// <summary>Sends calls, repeats what may be repeated, and turns failures into typed exceptions.</summary>
internal sealed class SagaChannel
{
    public const string HttpClientName = "OrleansSagas.Client";

    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly ResiliencePipeline<HttpResponseMessage> _retries;

    public SagaChannel(HttpClient http, SagaClientOptions options, TimeProvider clock)
    {
        _http = http;
        _http.Timeout = Timeout.InfiniteTimeSpan; // the attempt timeout of the retries stands for it
        _address = new Uri(options.Address!.AbsoluteUri.TrimEnd('/') + "/");
        _retries = SagaRetries.Build(options, clock);
        Options = options;
        Clock = clock;
    }

    public SagaClientOptions Options { get; }

    public TimeProvider Clock { get; }

    /// <summary>Sends the call and reads the whole answer as <typeparamref name="T"/>.</summary>
    public async Task<T> CallAsync<T>(SagaCall call, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using var answer = await SendAsync(call, cancellationToken);
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            return await JsonSerializer.DeserializeAsync(body, type, cancellationToken)
                ?? throw SagaFailures.NotUnderstood(call, answer, null);
        }
        catch (JsonException garbage)
        {
            throw SagaFailures.NotUnderstood(call, answer, garbage);
        }
    }

    /// <summary>Sends the call until an answer comes that is no transient failure. The answer is a success, its body read;
    /// a watch's body is left open.</summary>
    public async Task<HttpResponseMessage> SendAsync(SagaCall call, CancellationToken cancellationToken)
    {
        var answer = await SendRepeatedlyAsync(call, cancellationToken);
        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
            throw await SagaFailures.ReadAsync(call, answer, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendRepeatedlyAsync(SagaCall call, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(SagaRetries.AttemptTimeout, Options.AttemptTimeout + TimeSpan.FromSeconds(call.WaitSeconds));
        try
        {
            return await _retries.ExecuteAsync(
                static async (attempt, state) => await state.Channel.SendOnceAsync(state.Call, attempt.CancellationToken),
                context,
                (Channel: this, Call: call)
            );
        }
        catch (OperationCanceledException stopped) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(stopped.Message, stopped, cancellationToken); // the caller's token, not one of an attempt
        }
        catch (HttpRequestException tooLarge) when (tooLarge.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw SagaFailures.TooLarge(call, Options, tooLarge);
        }
        catch (Exception failure) when (SagaRetries.IsTransient(failure))
        {
            throw SagaFailures.Unavailable(call, _address, failure);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(SagaCall call, CancellationToken cancellationToken)
    {
        using var request = call.ToRequest(_address, Options.ApiKey);
        var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var stream = call.Kind == SagaCallKind.Watch && answer.StatusCode == HttpStatusCode.OK;
        try
        {
            if (!stream)
                await answer.Content.LoadIntoBufferAsync(Options.MaxResponseSize, cancellationToken);
            return answer;
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }
}
