using OrleansSagas.EndToEnd.Tests.Hostile.Corpus;
using OrleansSagas.EndToEnd.Tests.Hostile.Talking;
using OrleansSagas.TestKit;

namespace OrleansSagas.EndToEnd.Tests.Hostile;

/// <summary>Bodies that were valid once and are not quite any more.</summary>
public sealed class MutationTests(HostileSilo silo) : HostileTests(silo)
{
    private const int Bodies = 1_200;
    private const int Requests = 1_000;

    [Fact]
    public async Task Start_WithADamagedBody_IsRefusedOrRuns_AndWhatRunsCanBeRead()
    {
        using var connection = await Silo.ConnectAsync();
        await Randomly.HoldsAsync(
            Damage.Any,
            Bodies,
            async damage =>
            {
                var request = Request.Start(damage.Apply());
                await connection.SendAsync(request);
                var answer = Silo.Checked(await connection.ReadAsync(), request);
                Assert.True(answer?.Status is 202 or 400, $"It was to be accepted or refused; it was answered with {answer}");
            }
        );
        await Silo.ReadAllAsync();
    }

    [Fact]
    public async Task Verb_WithADamagedBody_IsRefusedOrTaken_AndItsHistoryCanBeRead()
    {
        var start = Silo.Checked(
            await Silo.AskAsync(
                Request.Start(HostileSilo.SlowOrder(), Request.Json + "Connection: close\r\n", "/sagas/order?id=acted-upon")
            ),
            default
        );
        Assert.Equal(202, start?.Status);
        using var connection = await Silo.ConnectAsync();
        await Randomly.HoldsAsync(
            Damage.AnyVerb,
            Bodies,
            async damage =>
            {
                var request = Request.Post($"/sagas/acted-upon/{(damage.Changes.Count % 2 == 0 ? "pause" : "resume")}", damage.Apply());
                await connection.SendAsync(request);
                var answer = Silo.Checked(await connection.ReadAsync(), request);
                Assert.True(answer?.Status is 200 or 400, $"It was to be done or refused; it was answered with {answer}");
            }
        );
        await Silo.CancelAllAsync();
        await Silo.AuditAsync();
        await Silo.ReadAllAsync();
    }

    /// <summary>The server below us may see another request in the rest of one: each is answered, as long as the caller is there.</summary>
    [Fact]
    public async Task Request_DamagedAnywhere_IsAnsweredDecently()
    {
        await Randomly.HoldsAsync(
            Damage.AnyRequest,
            Requests,
            async damage =>
            {
                var request = damage.Apply();
                using var connection = await Silo.ConnectAsync();
                await connection.TrySendAsync(request);
                // Half of a request would be waited for: who says that no more will come ends that, and may not be told what was done.
                Silo.HangsUp();
                connection.TryEndSending();
                while (Silo.Checked(await connection.ReadAsync(), request) is { } answer)
                    Assert.True(answer.Status is 200 or 202 or (>= 400 and < 500) or 505, $"{answer}");
            }
        );
        await Silo.ReadAllAsync();
    }
}
