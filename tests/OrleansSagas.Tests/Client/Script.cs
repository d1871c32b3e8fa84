using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Client;

namespace OrleansSagas.Tests.Client;

/// <summary>Stands for the server: gives one scripted answer after the other and keeps what it was asked.</summary>
internal sealed class Script
{
    private readonly ConcurrentQueue<Func<CancellationToken, Task<HttpResponseMessage>>> _answers = new();

    public List<Asked> Requests { get; } = [];

    public SkippingClock Clock { get; } = new();

    public ISagaClient Client(Action<SagaClientOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Clock);
        services
            .AddSagaClient(options =>
            {
                options.Address = new Uri("http://sagas.test/base");
                configure?.Invoke(options);
            })
            .ConfigurePrimaryHttpMessageHandler(() => new Handler(this));
        return services.BuildServiceProvider().GetRequiredService<ISagaClient>();
    }

    public Script Then(Func<CancellationToken, Task<HttpResponseMessage>> answer)
    {
        _answers.Enqueue(answer);
        return this;
    }

    public Script Then(HttpResponseMessage answer) => Then(_ => Task.FromResult(answer));

    public Script Then(HttpStatusCode status, string body = "", string mediaType = "application/json", TimeSpan? retryAfter = null)
    {
        var answer = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, mediaType) };
        if (retryAfter is { } delay)
            answer.Headers.RetryAfter = new(delay);
        return Then(answer);
    }

    public Script Then<T>(T body, JsonTypeInfo<T> type, HttpStatusCode status = HttpStatusCode.OK) =>
        Then(status, JsonSerializer.Serialize(body, type));

    public Script ThenView(SagaStatus status = SagaStatus.Running, string id = "s1", HttpStatusCode code = HttpStatusCode.OK) =>
        Then(Some.View(status, id), SagaJsonContext.Default.SagaView, code);

    public Script ThenEvents(string text) => Then(HttpStatusCode.OK, text, "text/event-stream");

    public Script ThenProblem(HttpStatusCode status, string type, string detail = "It is so.") =>
        Then(
            status,
            $$"""{"type":"{{type}}","title":"T","status":{{(int)status}},"detail":"{{detail}}","sagaId":"s9"}""",
            "application/problem+json"
        );

    public Script ThenFails(Exception failure) => Then(_ => Task.FromException<HttpResponseMessage>(failure));

    public Script ThenHangs(TaskCompletionSource? reached = null) =>
        Then(async cancellationToken =>
        {
            reached?.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException("unreachable");
        });

    private sealed class Handler(Script script) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            script.Requests.Add(
                new Asked(
                    $"{request.Method} {request.RequestUri!.PathAndQuery}",
                    request.Headers.ToDictionary(
                        header => header.Key,
                        header => string.Join(",", header.Value),
                        StringComparer.OrdinalIgnoreCase
                    ),
                    request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken)
                )
            );
            if (!script._answers.TryDequeue(out var answer))
                throw new InvalidOperationException(
                    $"The script has no answer for request {script.Requests.Count}, {script.Requests[^1].Line}."
                );
            var response = await answer(cancellationToken);
            response.RequestMessage = request;
            return response;
        }
    }
}

internal sealed record Asked(string Line, IReadOnlyDictionary<string, string> Headers, string? Body)
{
    public string? this[string header] => Headers.GetValueOrDefault(header);
}
