using OrleansSagas.TestKit.Silos.Running;

namespace OrleansSagas.EndToEnd.Tests;

/// <summary>Silos on one machine that know nothing of each other and are told nothing of ports for a cluster.</summary>
public sealed class SideBySideTests
{
    [Fact]
    public async Task Start_OfTwoSilosWithDefaultPorts_BothRunAnOrder()
    {
        using var left = new SiloPlace { HasDefaultPorts = true };
        using var right = new SiloPlace { HasDefaultPorts = true };
        await using var first = SiloProcess.Start(left);
        await using var second = SiloProcess.Start(right);
        await Task.WhenAll(first.ReadyAsync(), second.ReadyAsync());

        // The same id on both: neither sees the other's sagas.
        var id = new SagaId("side-by-side");
        var handles = await Task.WhenAll(
            ((SiloPlace[])[left, right]).Select(place => place.Client().StartAsync("order", SampleOrders.Order(), new() { Id = id }))
        );
        foreach (var saga in handles)
            await saga.EndsAsync(SagaStatus.Completed);
        foreach (var place in (SiloPlace[])[left, right])
            Assert.Equal([id], await place.Client().ListAsync().Select(saga => saga.Id).ToListAsync());
        Assert.Equal((0, 0), (await first.TerminateAsync(SagaWaiting.Patience), await second.TerminateAsync(SagaWaiting.Patience)));
    }
}
