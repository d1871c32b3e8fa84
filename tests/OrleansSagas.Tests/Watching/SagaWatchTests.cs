using OrleansSagas.Watching;

namespace OrleansSagas.Tests.Watching;

public sealed class SagaWatchTests
{
    [Fact]
    public async Task Close_WhileOthersComeAndGo_ReachesWhoeverStays()
    {
        var watch = new SagaWatch();
        var over = false;
        var others = Task.Run(() =>
        {
            for (var i = 0; !Volatile.Read(ref over); i++)
                using (watch.Watch(new SagaKey(new SagaId($"other-{i % 10}"))))
                    watch.Announce(new SagaKey(new SagaId($"other-{i % 10}")));
        }, TestContext.Current.CancellationToken);
        using var stays = watch.Watch(new SagaKey(new SagaId("stays")));
        try
        {
            for (var i = 0; i < 300_000; i++)
            {
                var told = stays.NextChange();
                watch.Close();
                Assert.True(told.IsCompleted);
            }
        }
        finally
        {
            Volatile.Write(ref over, true);
            await others;
        }
    }
}
