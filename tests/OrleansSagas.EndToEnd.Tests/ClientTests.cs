using System.Net;
using System.Text.Json;

namespace OrleansSagas.EndToEnd.Tests;

/// <summary>The client SDK against the real silo: what it can do, and what it throws.</summary>
public sealed class ClientTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private ISagaClient Sagas => silo.Sagas;

    [Fact]
    public async Task Start_WithIdAndCorrelation_KeepsThem()
    {
        var id = NewId();
        var saga = await Sagas.StartAsync(
            "order",
            SampleOrders.Order(),
            new()
            {
                Id = id,
                CorrelationId = "cart-17",
                Version = 1,
            }
        );
        var view = await saga.EndsAsync(SagaStatus.Completed);

        Assert.Equal((id, id, "order", 1, "cart-17"), (saga.Id, view.Id, view.Type, view.Version, view.CorrelationId));
        Assert.Equal("teapot", view.Tags["item"]);
        Assert.StartsWith(
            "create-shipment-",
            view.Data!.Value.As<JsonElement>().GetProperty("shipmentId").GetString(),
            StringComparison.Ordinal
        );
        Assert.All(view.Steps, step => Assert.Equal((StepStatus.Succeeded, 1), (step.Status, step.Attempts)));
    }

    [Fact]
    public async Task StartAndWait_AnswersTheEnd()
    {
        var view = await Sagas.StartAndWaitAsync("order", SampleOrders.Order(), timeout: SagaWaiting.Patience);

        Assert.Equal(SagaStatus.Completed, view.Status);
        Assert.Equal(view.EndedAt, view.UpdatedAt);
    }

    [Fact]
    public async Task Wait_WhenTheTimeIsOver_ThrowsWithWhatWasSeen()
    {
        var saga = await Sagas.StartAsync("order", SampleOrders.Slow(0.5));

        var late = await Assert.ThrowsAsync<SagaWaitTimeoutException>(() => saga.WaitAsync(TimeSpan.FromMilliseconds(100)));
        Assert.Equal(saga.Id, late.SagaId);
        await saga.EndsAsync(SagaStatus.Completed);
    }

    [Fact]
    public async Task Watch_GivesTheWholeHistoryAsItComes()
    {
        var saga = await Sagas.StartAsync("order", SampleOrders.Slow(0.1));
        var watched = await saga.WatchAsync().Bounded().ToListAsync();

        Assert.Equal(
            ["started", "step-succeeded", "step-succeeded", "step-succeeded", "step-succeeded", "ended"],
            watched.Select(entry => entry.Event)
        );
        Assert.Equal(watched, await saga.HistoryAsync().ToListAsync());
        Assert.Equal(watched[2..], await saga.HistoryAsync(afterRevision: 2).ToListAsync());
        Assert.Equal(watched[4..], await saga.WatchAsync(afterRevision: 4).Bounded().ToListAsync());
        Assert.Empty(await saga.WatchAsync(afterRevision: 6).Bounded().ToListAsync());
    }

    [Fact]
    public async Task List_FindsByEachCondition_OverPages()
    {
        var customer = $"customer-{Guid.NewGuid():N}";
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        var started = new List<SagaId>();
        for (var i = 0; i < 5; i++)
        {
            var options = new StartOptions { CorrelationId = i == 0 ? customer : null };
            started.Add(
                (
                    await Sagas.StartAndWaitAsync(
                        "order",
                        SampleOrders.Order(customer, i == 1 ? "rare-vase" : "mug"),
                        options,
                        SagaWaiting.Patience
                    )
                ).Id
            );
        }

        var mine = new SagaFilter
        {
            Type = "order",
            Tags = new Dictionary<string, string> { ["customer"] = customer },
            PageSize = 2,
        };
        Assert.Equal(started.AsEnumerable().Reverse(), (await Sagas.ListAsync(mine).ToListAsync()).Select(saga => saga.Id));
        Assert.Equal(
            [started[1]],
            (await Sagas.ListAsync(mine with { Status = SagaStatus.Compensated }).ToListAsync()).Select(saga => saga.Id)
        );
        Assert.Equal([started[0]], (await Sagas.ListAsync(new() { CorrelationId = customer }).ToListAsync()).Select(saga => saga.Id));
        Assert.Equal(5, await Sagas.ListAsync(mine with { StartedFrom = before }).CountAsync());
        Assert.Equal(0, await Sagas.ListAsync(mine with { StartedBefore = before }).CountAsync());
    }

    [Fact]
    public async Task Start_RepeatedConcurrentlyAndLater_NamesTheSameSaga()
    {
        var order = SampleOrders.Order();
        var options = new StartOptions { RequestId = NewId().Value };
        var handles = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Sagas.StartAsync("order", order, options)));
        var id = Assert.Single(handles.Select(handle => handle.Id).Distinct());
        var ended = await Sagas.Get(id).EndsAsync(SagaStatus.Completed);

        var again = await Sagas.StartAndWaitAsync("order", order, options, SagaWaiting.Patience);
        Assert.Equal((id, ended.Status, ended.Data, ended.Revision), (again.Id, again.Status, again.Data, again.Revision));
    }

    [Fact]
    public async Task Start_WithUsedKeyAndAnotherBody_IsRefused()
    {
        var options = new StartOptions { RequestId = NewId().Value };
        await Sagas.StartAsync("order", SampleOrders.Order(), options);

        var refused = await Assert.ThrowsAsync<IdempotencyKeyReusedException>(() =>
            Sagas.StartAsync("order", SampleOrders.Order("someone else"), options)
        );
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, SagaProblems.KeyReused, options.RequestId),
            (refused.Status, refused.ProblemType, refused.RequestId)
        );
    }

    [Fact]
    public async Task Start_WithUsedId_IsRefused()
    {
        var id = NewId();
        await Sagas.StartAsync("order", SampleOrders.Order(), new() { Id = id });

        var refused = await Assert.ThrowsAsync<SagaExistsException>(() =>
            Sagas.StartAsync("order", SampleOrders.Order(), new() { Id = id })
        );
        Assert.Equal(
            (HttpStatusCode.Conflict, SagaProblems.SagaExists, (SagaId?)id),
            (refused.Status, refused.ProblemType, refused.SagaId)
        );
    }

    [Fact]
    public async Task Start_OfUnknownTypeOrVersion_IsRefused()
    {
        var type = await Assert.ThrowsAsync<UnknownSagaTypeException>(() => Sagas.StartAsync("odrer", SampleOrders.Order()));
        var version = await Assert.ThrowsAsync<UnknownSagaTypeException>(() =>
            Sagas.StartAsync("order", SampleOrders.Order(), new() { Version = 99 })
        );
        Assert.All(
            [type, version],
            refused => Assert.Equal((HttpStatusCode.NotFound, SagaProblems.UnknownType), (refused.Status, refused.ProblemType))
        );
    }

    [Fact]
    public async Task Start_WithDataThatDoesNotFitOrIsTooLarge_IsRefused()
    {
        var wrong = await Assert.ThrowsAsync<InvalidSagaRequestException>(() => Sagas.StartAsync("order", new { Quantity = "many" }));
        Assert.Equal((HttpStatusCode.BadRequest, SagaProblems.InvalidData), (wrong.Status, wrong.ProblemType));
        var large = await Assert.ThrowsAsync<InvalidSagaRequestException>(() =>
            Sagas.StartAsync("order", SampleOrders.Order(new string('a', 1 << 20)))
        );
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, SagaProblems.TooLarge), (large.Status, large.ProblemType));
    }

    [Fact]
    public async Task UnknownSaga_IsNotFound_ByEveryCall()
    {
        var saga = Sagas.Get(NewId());
        Func<Task>[] calls =
        [
            () => saga.GetAsync(),
            () => saga.WaitAsync(SagaWaiting.Patience),
            () => saga.CancelAsync(),
            () => saga.SkipAsync("why not"),
            () => saga.HistoryAsync().ToListAsync().AsTask(),
            () => saga.WatchAsync().Bounded().ToListAsync().AsTask(),
        ];
        foreach (var call in calls)
        {
            var missing = await Assert.ThrowsAsync<SagaNotFoundException>(call);
            Assert.Equal(
                (HttpStatusCode.NotFound, SagaProblems.SagaNotFound, (SagaId?)saga.Id),
                (missing.Status, missing.ProblemType, missing.SagaId)
            );
        }
    }

    [Fact]
    public async Task Cancel_UndoesWhatWasDone_AndSaysWhoAndWhy()
    {
        var saga = await Sagas.StartAsync("order", SampleOrders.Slow(0.5));
        await saga.UntilAsync(view => view.Steps[0].Status == StepStatus.Succeeded, "past its first step");
        await saga.CancelAsync("changed my mind", actor: "olga");

        var view = await saga.EndsAsync(SagaStatus.Cancelled);
        Assert.Equal(SagaEndReason.Cancelled, view.Reason);
        Assert.Equal(StepStatus.Undone, view.Steps[0].Status);
        Assert.Contains(await saga.HistoryAsync().ToListAsync(), entry => entry is { Event: "turned-back", Actor: "olga" });
        var refused = await Assert.ThrowsAsync<SagaNotPossibleException>(() => saga.CancelAsync());
        Assert.Equal((HttpStatusCode.Conflict, SagaProblems.NotPossible), (refused.Status, refused.ProblemType));
    }

    [Fact]
    public async Task Pause_HoldsTheSaga_UntilResumed()
    {
        var saga = await Sagas.StartAsync("order", SampleOrders.Slow(0.2));
        var paused = await saga.PauseAsync("stock-taking");
        Assert.Equal(SagaStatus.Paused, paused.Status);
        // The step in flight may end, and no other begins.
        await saga.UntilAsync(view => view.Steps[0].Status == StepStatus.Succeeded, "done with the step in flight");
        await Task.Delay(TimeSpan.FromMilliseconds(400));
        var still = await saga.GetAsync();
        Assert.Equal((SagaStatus.Paused, StepStatus.Pending), (still.Status, still.Steps[1].Status));

        await saga.ResumeAsync();
        await saga.EndsAsync(SagaStatus.Completed);
    }

    [Fact]
    public async Task Verb_RepeatedWithItsRequestId_HappensOnce()
    {
        var saga = await Sagas.StartAsync("order", SampleOrders.Slow(0.2));
        var requestId = NewId().Value;
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => saga.ActAsync(OperatorAction.Cancel, null, requestId)));
        await saga.EndsAsync(SagaStatus.Cancelled);

        // After the end, too, the repeat is answered as the first was, and another verb with its id is not.
        Assert.Equal(SagaStatus.Cancelled, (await saga.ActAsync(OperatorAction.Cancel, null, requestId)).Status);
        await Assert.ThrowsAsync<IdempotencyKeyReusedException>(() => saga.ActAsync(OperatorAction.Pause, null, requestId));
        Assert.Single(await saga.HistoryAsync().ToListAsync(), entry => entry.Event == "turned-back");
    }

    [Fact]
    public async Task Terminate_StopsTheSagaAsItIs()
    {
        var saga = await Sagas.StartAsync("order", SampleOrders.Slow(0.5));
        await saga.UntilAsync(view => view.Steps[0].Status == StepStatus.Succeeded, "past its first step");

        var view = await saga.TerminateAsync("enough");
        Assert.Equal((SagaStatus.Terminated, StepStatus.Succeeded), (view.Status, view.Steps[0].Status));
    }

    [Fact]
    public async Task Skip_WithoutReasonOrNotStuck_IsRefused()
    {
        var saga = await Sagas.StartAsync("order", SampleOrders.Slow(0.3));

        await Assert.ThrowsAsync<InvalidSagaRequestException>(() => saga.SkipAsync(""));
        await Assert.ThrowsAsync<SagaNotPossibleException>(() => saga.SkipAsync("in a hurry"));
        await Assert.ThrowsAsync<SagaNotPossibleException>(() => saga.RetryAsync());
        await saga.EndsAsync(SagaStatus.Completed);
    }

    [Fact]
    public async Task Start_CancelledByTheCaller_IsNotTakenBack()
    {
        var id = NewId();
        using var caller = new CancellationTokenSource();
        var start = Sagas.StartAndWaitAsync("order", SampleOrders.Slow(0.3), new() { Id = id }, SagaWaiting.Patience, caller.Token);
        await Sagas.Get(id).UntilKnownAsync();
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        await Sagas.Get(id).EndsAsync(SagaStatus.Completed);
    }

    private static SagaId NewId() => new($"t-{Guid.NewGuid():N}");
}
