using OrleansSagas.EndToEnd.Tests.Hostile.Talking;

namespace OrleansSagas.EndToEnd.Tests.Hostile;

/// <summary>Callers that send much of a large body and then nothing: together they hold a bounded memory, for a bounded time.</summary>
public sealed class LargeBodyTests : IAsyncLifetime
{
    private const int Mebibyte = 1 << 20;
    private const int Callers = 400;

    private readonly HostileSilo _silo = new("--Sagas:Http:MaxLargeBytes", $"{32 * Mebibyte}", "--Sagas:Http:LargeTimeout", "00:00:03");

    public ValueTask InitializeAsync() => _silo.InitializeAsync();

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    [Fact]
    public async Task Starts_ThatStallInLargeBodies_AreRefusedBeyondABound_AndGivenUpInTime()
    {
        var before = _silo.Memory;
        var whole = HostileSilo.Order($"\"x\":\"{new string('x', Mebibyte - 1_000)}\"");
        var head = Request.Head("POST", "/sagas/order", $"{Request.Json}Content-Length: {whole.Length}\r\n");
        var statuses = await Task.WhenAll(
            Enumerable
                .Range(0, Callers)
                .Select(async number =>
                {
                    using var connection = await _silo.ConnectAsync();
                    await connection.TrySendAsync((byte[])[.. head, .. whole.AsSpan(0, whole.Length - 1 - (number % 1_000))]);
                    return (await connection.ReadAsync())?.Status;
                })
        );
        Assert.All(statuses, status => Assert.Contains(status, (int?[])[408, 503, null]));
        Assert.Contains(503, statuses);
        var taken = (_silo.Memory - before) >> 20;
        Assert.True(taken < 300, $"{Callers} bodies of which most came were to take less than 300 MiB; they take {taken}.");

        await _silo.EventuallyAsync(
            async () => (await _silo.AskAsync(Request.Start(whole)))?.Status == 202,
            TimeSpan.FromSeconds(20),
            "large bodies are taken again"
        );
        await _silo.AuditAsync();
    }
}
