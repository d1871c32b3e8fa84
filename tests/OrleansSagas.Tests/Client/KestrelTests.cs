using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansSagas.TestKit;

namespace OrleansSagas.Tests.Client;

/// <summary>The same over real sockets: what a handler in the process cannot show.</summary>
public sealed class KestrelTests
{
    [Fact]
    public async Task Start_WhenTheServerComesUpLater_Succeeds()
    {
        var port = LoopbackPort.Free();
        var refused = new Refusals();
        var start = Client(port, refused).StartAsync("order", new { Total = 1 });
        await refused.First.Soon();
        await using var server = await ServeAsync(
            port,
            context => context.Response.WriteAsJsonAsync(Some.View(), SagaJsonContext.Default.SagaView)
        );

        Assert.Equal(new SagaId("s1"), (await start.Soon()).Id);
    }

    [Fact]
    public async Task Start_WhenTheConnectionIsResetAfterTheRequest_RepeatsWithTheSameKey()
    {
        var keys = new List<string>();
        var port = LoopbackPort.Free();
        await using var server = await ServeAsync(
            port,
            async context =>
            {
                keys.Add(context.Request.Headers["Idempotency-Key"].ToString());
                if (keys.Count == 1)
                    context.Abort();
                else if (keys.Count == 2)
                {
                    context.Response.ContentLength = 1000;
                    await context.Response.WriteAsync("{\"id\":");
                    await context.Response.Body.FlushAsync();
                    context.Abort();
                }
                else
                    await context.Response.WriteAsJsonAsync(Some.View(), SagaJsonContext.Default.SagaView);
            }
        );

        await Client(port).StartAsync("order", 1).Soon();

        Assert.Equal(3, keys.Count);
        Assert.Single(keys.Distinct());
    }

    [Fact]
    public async Task Watch_WhenConnectionsAreCut_GivesEachEntryOnce()
    {
        var port = LoopbackPort.Free();
        using var seen = new SemaphoreSlim(0);
        await using var server = await ServeAsync(
            port,
            async context =>
            {
                var last = int.Parse("0" + context.Request.Headers["Last-Event-ID"], System.Globalization.CultureInfo.InvariantCulture);
                if (last == 9)
                {
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    return;
                }
                context.Response.ContentType = "text/event-stream";
                await context.Response.WriteAsync(Some.Events(last + 1, last + 3));
                if (last < 6)
                {
                    await context.Response.WriteAsync(Some.Event(last + 4)[..40]);
                    await context.Response.Body.FlushAsync();

                    // A reset takes with it what the client has not read yet.
                    for (var i = 0; i < 3; i++)
                        Assert.True(await seen.WaitAsync(TimeSpan.FromSeconds(20)), "Waited 20 s for the client to read an entry.");
                    context.Abort();
                }
            }
        );

        var revisions = new List<long>();
        await foreach (var entry in Client(port).Get(new SagaId("s1")).WatchAsync())
        {
            revisions.Add(entry.Revision);
            seen.Release();
        }

        Assert.Equal(Enumerable.Range(1, 9).Select(revision => (long)revision), revisions);
    }

    [Fact]
    public async Task Watch_GivesAnEntryAsSoonAsItIsSent()
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var port = LoopbackPort.Free();
        await using var server = await ServeAsync(
            port,
            async context =>
            {
                context.Response.ContentType = "text/event-stream";
                await context.Response.WriteAsync(Some.Event(1));
                await context.Response.Body.FlushAsync();
                await seen.Task.Soon();
            }
        );

        await foreach (var entry in Client(port).Get(new SagaId("s1")).WatchAsync())
        {
            Assert.Equal(1, entry.Revision);
            seen.SetResult();
            break;
        }
    }

    [Fact]
    public async Task TraceContext_FlowsToTheServer()
    {
        string? parent = null;
        var port = LoopbackPort.Free();
        await using var server = await ServeAsync(
            port,
            context =>
            {
                parent = context.Request.Headers.TraceParent;
                return context.Response.WriteAsJsonAsync(Some.View(), SagaJsonContext.Default.SagaView);
            }
        );
        using var activity = new System.Diagnostics.Activity("test").Start();

        await Client(port).StartAsync("order", 1).Soon();

        Assert.Contains(activity.TraceId.ToString(), parent, StringComparison.Ordinal);
    }

    private static ISagaClient Client(int port, Refusals? refusals = null)
    {
        var services = new ServiceCollection();
        services
            .AddSagaClient(options =>
            {
                options.Address = new Uri($"http://127.0.0.1:{port}");
                options.RetryDelay = TimeSpan.FromMilliseconds(5);
                options.MaxRetryDelay = TimeSpan.FromMilliseconds(50);
            })
            .AddHttpMessageHandler(() => new RefusalWatcher(refusals));
        return services.BuildServiceProvider().GetRequiredService<ISagaClient>();
    }

    private static async Task<WebApplication> ServeAsync(int port, RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Logging.ClearProviders();
        var server = builder.Build();
        server.Run(answer);
        await server.StartAsync();
        return server;
    }

    private sealed class Refusals
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task First => _first.Task;

        public void Add() => _first.TrySetResult();
    }

    private sealed class RefusalWatcher(Refusals? refusals) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException failure) when (failure.HttpRequestError == HttpRequestError.ConnectionError)
            {
                refusals?.Add();
                throw;
            }
        }
    }
}
