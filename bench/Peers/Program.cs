using OrleansSagas.Bench.Peers;

// Started by the benchmark, which says what to run in this order, and reads and writes over the pipes.
if (args is not [var peer, var path, var end, var schema])
{
    await Console.Error.WriteLineAsync("Started by the benchmark: dotnet run -c Release --project bench -- --store postgres --peers");
    return 2;
}

await new PeerHost(new PeerSetup(peer, path, end, schema), Console.In, Console.Out).RunAsync();
return 0;
