using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansSagas.Storage.Sqlite;
using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests;

/// <summary>The client of a host that runs its sagas in its own process, with what such a host registers and nothing else.</summary>
public sealed class LocalClientTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TempFolder _folder = new();
    private readonly TaskCompletionSource _gate = new();
    private ServiceProvider _host = null!;

    private ISagaClient Client => _host.GetRequiredService<ISagaClient>();

    public async ValueTask InitializeAsync()
    {
        var definition = Saga.Define<Job>("job")
            .Step("count", step => step.Do((_, _) => Task.FromResult(1), (job, one) => job with { Count = job.Count + one }))
            .Step("wait", step => step.Do((job, _) => job.Name == "slow" ? _gate.Task : Task.CompletedTask))
            .Build();
        _host = new ServiceCollection()
            .AddLogging()
            .AddSqliteSagaStore(store => store.Path = _folder.File("sagas.db"))
            .AddSagas(sagas => sagas.Add(definition))
            .BuildServiceProvider();
        foreach (var service in _host.GetServices<IHostedService>())
            await service.StartAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        _gate.TrySetResult();
        foreach (var service in _host.GetServices<IHostedService>())
            await service.StopAsync(default);
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task StartAndWait_GivesTheEnd()
    {
        var view = await Client.StartAndWaitAsync("job", new Job(), new StartOptions { CorrelationId = "c1" }, Patience);

        Assert.Equal((SagaStatus.Completed, "c1"), (view.Status, view.CorrelationId));
        Assert.Equal(1, view.Data!.Value.As<Job>()!.Count);
    }

    [Fact]
    public async Task Start_WithTheSameRequestId_IsTheSameSaga()
    {
        var options = new StartOptions { RequestId = "once" };
        var first = await Client.StartAsync("job", new Job(), options);
        var second = await Client.StartAsync("job", new Job(), options);

        Assert.Equal(first.Id, second.Id);
        var failure = await Assert.ThrowsAsync<IdempotencyKeyReusedException>(() => Client.StartAsync("job", new Job("other"), options));
        Assert.Equal((SagaProblems.KeyReused, "once"), (failure.ProblemType, failure.RequestId));
    }

    [Fact]
    public async Task Wait_WhenTheSagaHasNotEndedInTime_SaysHowItIs()
    {
        var saga = await Client.StartAsync("job", new Job("slow"));

        var failure = await Assert.ThrowsAsync<SagaWaitTimeoutException>(() => saga.WaitAsync(TimeSpan.FromMilliseconds(100)));

        Assert.Equal(saga.Id, failure.SagaId);
        Assert.Equal(SagaStatus.Running, (await saga.GetAsync()).Status);
        _gate.SetResult();
        Assert.Equal(SagaStatus.Completed, (await saga.WaitAsync(Patience)).Status);
    }

    [Fact]
    public async Task Watch_GivesEachEntryOnceToTheEnd()
    {
        var saga = await Client.StartAsync("job", new Job("slow"));
        var seen = new List<string>();
        using var patience = new CancellationTokenSource(Patience);
        await foreach (var entry in saga.WatchAsync(cancellationToken: patience.Token))
        {
            seen.Add(entry.Event);
            if (seen.Count == 2)
                _gate.SetResult();
        }

        Assert.Equal(["started", "step-succeeded", "step-succeeded", "ended"], seen);
        var history = new List<string>();
        await foreach (var entry in saga.HistoryAsync(afterRevision: 1))
            history.Add(entry.Event);
        Assert.Equal(seen[1..], history);
    }

    [Fact]
    public async Task Verbs_AreTakenOrRefused()
    {
        var saga = await Client.StartAsync("job", new Job("slow"));

        Assert.Equal(SagaStatus.Paused, (await saga.PauseAsync()).Status);
        await saga.ResumeAsync();
        _gate.SetResult();
        await saga.WaitAsync(Patience);
        Assert.Equal(SagaProblems.NotPossible, (await Assert.ThrowsAsync<SagaNotPossibleException>(() => saga.PauseAsync())).ProblemType);
    }

    [Fact]
    public async Task WhatIsNotThere_IsSaidSo()
    {
        var nobody = Client.Get(new SagaId("nobody"));

        await Assert.ThrowsAsync<SagaNotFoundException>(() => nobody.GetAsync());
        await Assert.ThrowsAsync<SagaNotFoundException>(() => nobody.WaitAsync(Patience));
        await Assert.ThrowsAsync<SagaNotFoundException>(async () => await nobody.WatchAsync().GetAsyncEnumerator().MoveNextAsync());
        await Assert.ThrowsAsync<SagaNotFoundException>(async () => await nobody.HistoryAsync().GetAsyncEnumerator().MoveNextAsync());
        await Assert.ThrowsAsync<UnknownSagaTypeException>(() => Client.StartAsync("nothing", new Job()));
        await Assert.ThrowsAsync<InvalidSagaRequestException>(() => Client.StartAsync("job", 5));
    }

    [Fact]
    public async Task List_GoesOverThePages()
    {
        for (var i = 0; i < 5; i++)
            await Client.StartAndWaitAsync("job", new Job(), timeout: Patience);

        var listed = new List<SagaId>();
        await foreach (var saga in Client.ListAsync(new SagaFilter { Type = "job", PageSize = 2 }))
            listed.Add(saga.Id);

        Assert.Equal(5, listed.Distinct().Count());
        Assert.Equal(5, listed.Count);
    }

    [Fact]
    public async Task AfterAStop_ItSaysThatNothingIsTakenNow()
    {
        foreach (var service in _host.GetServices<IHostedService>())
            await service.StopAsync(default);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Client.StartAsync("job", new Job(), null, patience.Token));
    }
}
