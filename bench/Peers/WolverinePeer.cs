using System.Text.Json;
using JasperFx.Resources;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Wolverine;
using Wolverine.Marten;

namespace OrleansSagas.Bench.Peers;

/// <summary>Wolverine's sagas over Marten and PostgreSQL: https://wolverinefx.net/guide/durability/marten/sagas.html.</summary>
internal static class WolverinePeer
{
    /// <summary>What the benchmark calls it.</summary>
    public const string Name = "wolverine";

    // As many as there may be callers: with fewer, messages wait for each other while the database is idle.
    private const int MaxParallel = 64;

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    /// <summary>Adds it.</summary>
    public static void AddTo(WebApplicationBuilder builder, PeerSetup setup)
    {
        builder.Services.AddSingleton<WaitingCallers>();
        builder
            .Services.AddMarten(marten =>
            {
                marten.Connection(setup.Server);
                marten.DatabaseSchemaName = setup.Schema;
                marten.DisableNpgsqlLogging = true;
            })
            .UseLightweightSessions()
            .IntegrateWithWolverine(storage => storage.MessageStorageSchemaName = setup.Schema);
        builder.Services.AddResourceSetupOnStartup();
        builder.Services.AddWolverine(wolverine =>
        {
            wolverine.ApplicationAssembly = typeof(WolverinePeer).Assembly;

            // One node: no election of a leader, no heartbeats of nodes.
            wolverine.Durability.Mode = DurabilityMode.Solo;
            foreach (
                var step in (Type[])
                    [
                        typeof(ValidatePayment),
                        typeof(ReserveInventory),
                        typeof(ChargePayment),
                        typeof(CreateShipment),
                        typeof(RefundPayment),
                        typeof(ReleaseInventory),
                        typeof(VoidPayment),
                    ]
            )
                wolverine.LocalQueueFor(step).UseDurableInbox().MaximumParallelMessages(MaxParallel);
            wolverine.LocalQueueFor<OrderEnded>().BufferedInMemory().MaximumParallelMessages(MaxParallel);
        });
    }

    /// <summary>Maps its endpoint.</summary>
    public static void MapTo(WebApplication app, PeerSetup setup)
    {
        var isRejected = setup.End == OrderStatus.Compensated;
        app.MapPost(setup.Path, context => AnswerAsync(context, isRejected));
    }

    private static async Task AnswerAsync(HttpContext context, bool isRejected)
    {
        var id = context.Request.Headers["Idempotency-Key"].ToString().Trim('"');
        var order =
            await JsonSerializer.DeserializeAsync(context.Request.Body, PeerJson.Default.Order)
            ?? throw new BadHttpRequestException("There is no order.");
        var end = context.RequestServices.GetRequiredService<WaitingCallers>().WaitForAsync(id);

        // Handled here and not from a queue, which spares it a transaction. The saga and its first message are durable when this returns.
        await context.RequestServices.GetRequiredService<IMessageBus>().InvokeAsync(new StartOrder(id, order, isRejected));
        var view = JsonSerializer.SerializeToUtf8Bytes(await end.WaitAsync(Wait), PeerJson.Default.OrderView);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = view.Length;
        await context.Response.Body.WriteAsync(view);
    }
}
