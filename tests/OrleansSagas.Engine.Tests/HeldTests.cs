using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests;

/// <summary>Sagas whose definition is not here: they stop nobody, are visible, can be terminated, and go on when it is back.</summary>
public sealed class HeldTests
{
    private readonly TestService _service = new();
    private readonly Gate _gate = new();

    /// <summary>Waits at a gate in its second step the first time.</summary>
    private SagaDefinition Job(int version = 1)
    {
        var calls = 0;
        return Jobs.Define("job", version)
            .Keyed("a", _service)
            .Step(
                "b",
                step =>
                    step.Retry(Jobs.AtOnce(5))
                        .Do(
                            async (_, context) =>
                            {
                                _service.Do(context);
                                if (Interlocked.Increment(ref calls) == 1)
                                    await _gate.PassAsync();
                            }
                        )
            )
            .Build();
    }

    private SagaDefinition Other() => Jobs.Define("other").Keyed("a", _service).Build();

    /// <summary>An engine that died while a saga of each type ran.</summary>
    private async Task<(EngineFixture Engine, SagaDefinition Job, SagaView Saga)> CrashedAsync(MeterRecording? meters = null)
    {
        var job = Job();
        var engine = await new EngineFixture(job, Other())
        {
            Services = services =>
            {
                if (meters is not null)
                    services.AddSingleton<IMeterFactory>(meters);
            },
        }.StartAsync();
        var saga = await engine.BeginAsync("job", new Job(), id: "orphan");
        await _gate.Entered;
        engine.Crash();
        _gate.Open();
        return (engine, job, saga);
    }

    private static Task IsHeldAsync(EngineFixture engine, SagaId saga) =>
        Wait.UntilAsync(() => engine.RowAsync(saga).GetAwaiter().GetResult().Status == SagaStatus.Held, "the saga is held");

    [Fact]
    public async Task Start_WhenADefinitionIsMissing_ServesEverythingElseAndHoldsItsSagas()
    {
        var (engine, _, saga) = await CrashedAsync();
        await using var _ = engine;
        await engine.StartAsync(Other());
        Assert.Null(engine.Sagas.Problem);
        Assert.Null(engine.Sagas.DefinitionProblem);
        Assert.Equal(SagaStatus.Completed, (await engine.RunAsync("other", new Job())).Status);
        await IsHeldAsync(engine, saga.Id);
        await engine.IdleAsync();

        var row = await engine.RowAsync(saga.Id);
        Assert.Equal((Incarnation.Dead, null, null), (row.Owner, row.WakeAt, row.EndedAt));
        Assert.Contains("Version 1 of the saga type 'job'", row.Problem);
        Assert.Contains("Deploy it", row.Problem);
        var view = await engine.GetAsync(saga.Id);
        Assert.Equal((SagaStatus.Held, "held", row.Problem), (view.Status, view.Error!.Type, view.Error.Message));
        Assert.Equal("a", Assert.Single(view.Steps, step => step.Status == StepStatus.Succeeded).Path);
        Assert.Equal(
            saga.Id,
            Assert.Single((await engine.Sagas.ListAsync(new SagaQuery { Status = SagaStatus.Held }, CancellationToken.None)).Items).Id
        );
        Assert.Equal(["started", "step-succeeded"], await engine.EventsAsync(saga.Id));
    }

    [Theory]
    [InlineData(OperatorAction.Cancel)]
    [InlineData(OperatorAction.Pause)]
    [InlineData(OperatorAction.Resume)]
    [InlineData(OperatorAction.Retry)]
    public async Task Act_WhenTheDefinitionIsMissing_IsRefusedInWords(OperatorAction verb)
    {
        var (engine, _, saga) = await CrashedAsync();
        await using var _ = engine;
        await engine.StartAsync(Other());
        await IsHeldAsync(engine, saga.Id);
        var refused = Assert.IsType<SagaResult.Refused>(await engine.ActAsync(saga.Id, verb));
        Assert.Equal(SagaRefusal.NotPossible, refused.Refusal);
        Assert.Contains("can only be terminated", refused.Detail);
    }

    [Fact]
    public async Task Start_WhenTheDefinitionIsBack_GoesOnAndCountsWhatRanAtTheDeath()
    {
        var (engine, job, saga) = await CrashedAsync();
        await using var _ = engine;
        await engine.StartAsync(Other());
        await IsHeldAsync(engine, saga.Id);
        await engine.StopAsync();
        await engine.StartAsync(job, Other());
        var view = await engine.EndAsync(saga.Id);
        Assert.Equal((SagaStatus.Completed, 2), (view.Status, view.Steps[1].Attempts));
        Assert.Equal(
            ["started", "step-succeeded", "adopted", "attempt-failed", "step-succeeded", "ended"],
            await engine.EventsAsync(saga.Id)
        );
        Assert.Null((await engine.RowAsync(saga.Id)).Problem);
    }

    [Fact]
    public async Task Start_WhenASagaWasStoppedInGoodOrder_IsHeldAndLosesNoAttempt()
    {
        var job = Job();
        await using var engine = await new EngineFixture(options => options.StopTimeout = TimeSpan.Zero, job, Other()).StartAsync();
        var saga = await engine.BeginAsync("job", new Job());
        await _gate.Entered;
        await engine.StopAsync();
        _gate.Open();
        await engine.StartAsync(Other());
        await IsHeldAsync(engine, saga.Id);
        Assert.Null((await engine.RowAsync(saga.Id)).Owner);
        await engine.StopAsync();
        await engine.StartAsync();
        var view = await engine.EndAsync(saga.Id);
        Assert.Equal((SagaStatus.Completed, 1), (view.Status, view.Steps[1].Attempts));
    }

    [Fact]
    public async Task Start_WhenADefinitionHasAnotherShape_SaysSoAndServesAllElse()
    {
        var (engine, job, saga) = await CrashedAsync();
        await using var _ = engine;
        await engine.StartAsync(Jobs.Define().Keyed("a", _service).Keyed("other", _service).Build(), Other());
        Assert.Null(engine.Sagas.Problem);
        Assert.Contains("version 1 of 'job'", engine.Sagas.DefinitionProblem);
        var refused = Assert.IsType<SagaResult.Refused>(await engine.TryStartAsync("job", new Job()));
        Assert.Equal((SagaRefusal.UnknownType, engine.Sagas.DefinitionProblem), (refused.Refusal, refused.Detail));
        Assert.Equal(SagaStatus.Completed, (await engine.RunAsync("other", new Job())).Status);
        await IsHeldAsync(engine, saga.Id);
        Assert.Contains("another shape", (await engine.RowAsync(saga.Id)).Problem);
        await engine.StopAsync();
        await engine.StartAsync(job);
        Assert.Null(engine.Sagas.DefinitionProblem);
        Assert.Equal(SagaStatus.Completed, (await engine.EndAsync(saga.Id)).Status);
    }

    [Fact]
    public async Task Start_WhenOnlyTheNewVersionIsThere_StartsItAndHoldsTheOld()
    {
        var (engine, _, saga) = await CrashedAsync();
        await using var _ = engine;
        await engine.StartAsync(Job(version: 2));
        Assert.Equal(2, (await engine.RunAsync("job", new Job())).Version);
        await IsHeldAsync(engine, saga.Id);
        Assert.Null(engine.Sagas.DefinitionProblem);
    }

    [Fact]
    public async Task Terminate_WhenTheDefinitionIsMissing_EndsTheSagaAsItWas()
    {
        var (engine, job, saga) = await CrashedAsync();
        await using var _ = engine;
        await engine.StartAsync(Other());
        await IsHeldAsync(engine, saga.Id);
        var view = Assert
            .IsType<SagaResult.Accepted>(
                await engine.ActAsync(saga.Id, OperatorAction.Terminate, "nobody has it any more", actor: "ann", requestId: "t")
            )
            .View;
        Assert.Equal((SagaStatus.Terminated, "nobody has it any more"), (view.Status, view.Error!.Message));
        var row = await engine.RowAsync(saga.Id);
        Assert.Equal((SagaStatus.Terminated, null, null), (row.Status, row.Problem, row.Owner));
        Assert.Equal(["started", "step-succeeded", "ended"], await engine.EventsAsync(saga.Id));
        Assert.Equal(
            view.Status,
            Assert
                .IsType<SagaResult.Accepted>(
                    await engine.ActAsync(saga.Id, OperatorAction.Terminate, "nobody has it any more", actor: "ann", requestId: "t")
                )
                .View.Status
        );
        Assert.Contains(
            "has ended as Terminated",
            Assert.IsType<SagaResult.Refused>(await engine.ActAsync(saga.Id, OperatorAction.Cancel)).Detail
        );
        await engine.IdleAsync();

        await engine.StopAsync();
        await engine.StartAsync(job);
        Assert.Equal(SagaStatus.Terminated, (await engine.GetAsync(saga.Id)).Status);
        Assert.Single(_service.Calls, call => call.StartsWith("do b", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Terminate_WhenTheSagaIsNotDueAndItsDefinitionIsMissing_EndsIt()
    {
        var job = Jobs.Define().Step("a", step => step.Do((_, _) => _gate.PassAsync())).Keyed("b", _service).Build();
        await using var engine = await new EngineFixture(job, Other()).StartAsync();
        var saga = await engine.BeginAsync("job", new Job());
        await _gate.Entered;
        await engine.ActAsync(saga.Id, OperatorAction.Pause);
        _gate.Open();
        await engine.BecomesAsync(saga.Id, view => view.Steps[0].Status == StepStatus.Succeeded);
        await engine.StopAsync();
        await engine.StartAsync(Other());
        Assert.Equal(SagaStatus.Paused, (await engine.GetAsync(saga.Id)).Status);
        Assert.Equal(
            SagaStatus.Terminated,
            Assert.IsType<SagaResult.Accepted>(await engine.ActAsync(saga.Id, OperatorAction.Terminate, "gone")).View.Status
        );
    }

    [Fact]
    public async Task Held_WhenTheStoreDoesNotTakeIt_IsTriedAgainAndNothingElseHappens()
    {
        var job = Job();
        await using var engine = await new EngineFixture(job, Other()) { Wrap = store => new FaultyStore(store) }.StartAsync();
        var saga = await engine.BeginAsync("job", new Job());
        await _gate.Entered;
        engine.Crash();
        _gate.Open();
        var failures = 2;
        engine.Definitions = [Other()];
        await engine.StartAsync(store => store.OnCommit = _ => Interlocked.Decrement(ref failures) >= 0 ? Fault.NotCommitted : Fault.None);
        await IsHeldAsync(engine, saga.Id);
        Assert.True(failures < 0);
        Assert.Equal(["started", "step-succeeded"], await engine.EventsAsync(saga.Id));
    }

    [Fact]
    public async Task Release_WhenARepeatedStartIsUnderWay_IsTriedAgain()
    {
        var (searches, committing) = (0, new Gate());
        var job = Job();
        await using var engine = await new EngineFixture(options => options.IdleAfter = TimeSpan.FromSeconds(1), job, Other())
        {
            Wrap = store => new FaultyStore(store),
        }.StartAsync();
        var saga = await engine.BeginAsync("job", new Job(), id: "again", requestId: "once");
        await _gate.Entered;
        engine.Crash();
        _gate.Open();
        engine.Definitions = [Other()];
        await engine.StartAsync();
        await IsHeldAsync(engine, saga.Id);
        await engine.StopAsync();

        // The process of the start has not loaded the saga, and goes when the store says that the request came before: what woke it
        // meanwhile has woken nobody.
        engine.Definitions = [job, Other()];
        await engine.StartAsync(store =>
            (store.OnSearch, store.BeforeCommit) = (
                () => !committing.IsEntered || Interlocked.Increment(ref searches) < 0,
                _ => committing.PassAsync()
            )
        );
        var repeat = engine.TryStartAsync("job", new Job(), id: "again", requestId: "once");
        await committing.Entered;
        await Wait.UntilAsync(() => Volatile.Read(ref searches) >= 6, "the held sagas to be looked for while the start is under way");
        committing.Open();
        Assert.IsType<SagaResult.Accepted>(await repeat);
        Assert.Equal(SagaStatus.Completed, (await engine.EndAsync(saga.Id)).Status);
    }

    [Fact]
    public async Task Held_IsCountedOnceAndShownByTheGauge()
    {
        using var meters = new MeterRecording(readsGauges: false);
        var (engine, _, saga) = await CrashedAsync(meters);
        await using var _ = engine;
        await engine.StartAsync(Other());
        await IsHeldAsync(engine, saga.Id);
        await engine.IdleAsync();
        Assert.Equal(["orleanssagas.saga.holds saga.type=job cause=definition"], meters.Counted("orleanssagas.saga.holds"));

        // On a cluster each partition is counted by one silo, and the sum of all is what there is.
        meters.ReadGauges();
        await Wait.UntilAsync(() => meters.Gauge("orleanssagas.saga.held") == 1, "the gauges to show one saga as held");
        Assert.Equal(0, meters.Gauge("orleanssagas.saga.stuck"));
    }
}
