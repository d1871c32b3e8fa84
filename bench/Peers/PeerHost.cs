using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using OrleansSagas.Bench.Measuring;
using OrleansSagas.Bench.Silo;

namespace OrleansSagas.Bench.Peers;

/// <summary>A peer as the process that is measured: the same host, told over the same pipes, as the benchmark's own.</summary>
internal sealed class PeerHost(PeerSetup setup, TextReader commands, TextWriter answers)
{
    private readonly PeerDatabase _database = new(setup);

    /// <summary>Runs until the input ends.</summary>
    public async Task RunAsync()
    {
        await using var app = Build();
        await app.StartAsync();
        await AnswerAsync(app.Urls.Single(), PeerJson.Default.String);
        while (await commands.ReadLineAsync() is { } command)
            await ObeyAsync(command);

        // Nobody waits for answers any more, so requests that are still under way get no time to end.
        await app.StopAsync(new CancellationToken(canceled: true));
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        if (setup.Peer != WolverinePeer.Name)
            throw new InvalidOperationException($"There is no peer \"{setup.Peer}\".");
        WolverinePeer.AddTo(builder, setup);
        var app = builder.Build();
        WolverinePeer.MapTo(app, setup);
        return app;
    }

    private async Task ObeyAsync(string command)
    {
        switch (command)
        {
            case SiloVerb.Read:
                // The database first: asking it is not what is measured.
                var transactions = await _database.CountTransactionsAsync();
                await AnswerAsync(new SiloReading(ProcessUsage.OfThis(), new(transactions, transactions)), PeerJson.Default.SiloReading);
                break;

            case SiloVerb.Store:
                await AnswerAsync(PostgresContents.Of(setup.Server, setup.Schema), PeerJson.Default.StoreContents);
                break;

            case SiloVerb.Ended:
                await AnswerAsync(await _database.CountEndedAsync(), PeerJson.Default.Int64);
                break;

            default:
                throw new InvalidOperationException($"The peer was told \"{command}\", which it does not know.");
        }
    }

    private async Task AnswerAsync<T>(T answer, JsonTypeInfo<T> type)
    {
        await answers.WriteLineAsync(JsonSerializer.Serialize(answer, type));
        await answers.FlushAsync();
    }
}
