using OrleansSagas.Notifications;

namespace OrleansSagas.Tests.Notifications;

public sealed class SagaWatchTests
{
    [Fact]
    public async Task Close_WhileOthersComeAndGo_ReachesWhoeverStays()
    {
        var watch = new SagaWatch();
        var over = false;
        var others = Task.Run(
            () =>
            {
                for (var i = 0; !Volatile.Read(ref over); i++)
                    using (watch.Watch(new SagaKey(new SagaId($"other-{i % 10}"))))
                        watch.Announce(new SagaKey(new SagaId($"other-{i % 10}")));
            },
            TestContext.Current.CancellationToken
        );
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

    [Fact]
    public void Watch_WhenOthersWatchTheSaga_TellsTheRelayOnce()
    {
        var relay = new CountingRelay();
        var watch = new SagaWatch { Relay = relay };
        var saga = new SagaKey(new SagaId("watched"));

        using (watch.Watch(saga))
        using (watch.Watch(saga))
        using (watch.Watch(new SagaKey(new SagaId("another"))))
            Assert.Equal([saga, new SagaKey(new SagaId("another"))], relay.Told);

        using (watch.Watch(saga))
            Assert.Equal(3, relay.Told.Count);
    }

    private sealed class CountingRelay : IWatchRelay
    {
        public List<SagaKey> Told { get; } = [];

        public void Watched(SagaKey saga) => Told.Add(saga);

        public void Changed(SagaKey saga, long revision) { }
    }
}
