using OrleansSagas.Storage;

namespace OrleansSagas.Engine.Tests;

public sealed class RequestTests
{
    private static SagaDefinition Simple() => Jobs.Define().Keyed("a", new TestService()).Build();

    private static SagaView Taken(SagaResult answer) => Assert.IsType<SagaResult.Accepted>(answer).View;

    private static SagaRefusal Refused(SagaResult answer) => Assert.IsType<SagaResult.Refused>(answer).Refusal;

    [Fact]
    public async Task Start_WhenTheRequestIsRepeated_NamesTheSameSagaAlsoAfterARestart()
    {
        await using var engine = await new EngineFixture(Simple()).StartAsync();
        var first = await engine.RunAsync("job", new Job(), requestId: "k");
        Assert.Equal(first.Id, Taken(await engine.TryStartAsync("job", new Job(), requestId: "k")).Id);
        Assert.Equal(SagaRefusal.RequestIdReused, Refused(await engine.TryStartAsync("job", new Job("other"), requestId: "k")));
        await engine.StopAsync();
        await engine.StartAsync();
        var again = Taken(await engine.TryStartAsync("job", new Job(), requestId: "k", wait: TimeSpan.FromSeconds(5)));
        Assert.Equal((first.Id, SagaStatus.Completed), (again.Id, again.Status));
        Assert.Single((await engine.Sagas.ListAsync(new(), CancellationToken.None)).Items);
    }

    [Fact]
    public async Task Start_WhenTwoCallersUseOneRequestId_EachHasItsOwnSaga()
    {
        await using var engine = await new EngineFixture(Simple()).StartAsync();
        var first = Taken(await engine.TryStartAsync("job", new Job("a"), requestId: "k", caller: "ann"));
        var second = Taken(await engine.TryStartAsync("job", new Job("b"), requestId: "k", caller: "bob"));
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(first.Id, Taken(await engine.TryStartAsync("job", new Job("a"), requestId: "k", caller: "ann")).Id);
        Assert.Equal(second.Id, Taken(await engine.TryStartAsync("job", new Job("b"), requestId: "k", caller: "bob")).Id);
        Assert.Equal(SagaRefusal.RequestIdReused, Refused(await engine.TryStartAsync("job", new Job("a"), requestId: "k", caller: "bob")));
        Assert.Equal(SagaRefusal.InvalidRequest, Refused(await engine.TryStartAsync("job", new Job(), requestId: "k", caller: "")));
        Assert.Equal(
            SagaRefusal.InvalidRequest,
            Refused(await engine.TryStartAsync("job", new Job(), requestId: "k", caller: new string('c', 257)))
        );
    }

    /// <summary>A newer program may hash something else of a body: what is no repeat by our hash may be one by its own.</summary>
    [Fact]
    public async Task Start_WhenTheRequestWasHashedInAWayThatIsNotKnown_IsSentToWhoKnowsIt()
    {
        await using var engine = await new EngineFixture(Simple()).StartAsync();
        var saga = new SagaKey((await engine.RunAsync("job", new Job())).Id);
        await engine.IdleAsync();
        var stored = (await engine.Store.LoadAsync(saga, CancellationToken.None))!;
        var result = await engine.Store.CommitAsync(
            new SagaCommit
            {
                Id = SagaRuntime.System.Ids.NewCommitId(),
                At = stored.Row.EndedAt!.Value,
                Saga = saga,
                Number = stored.Number,
                ExpectedRevision = stored.Entries[^1].Revision,
                Request = new StoredRequest(new RequestKey(saga.Namespace, SagaCallers.Local, "k"), new byte[32], saga.Id, HashVersion: 2),
            },
            CancellationToken.None
        );
        Assert.Equal(CommitOutcome.Committed, result.Outcome);
        var refused = Assert.IsType<SagaResult.Refused>(await engine.TryStartAsync("job", new Job(), requestId: "k"));
        Assert.Equal(SagaRefusal.Unavailable, refused.Refusal);
        Assert.Contains("newer version", refused.Detail);
    }

    [Fact]
    public async Task Start_WhenTheRequestIsRepeatedAtTheSameTime_ThereIsOneSaga()
    {
        await using var engine = await new EngineFixture(Simple()).StartAsync();
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 50)
                .Select(_ => Task.Run(() => engine.TryStartAsync("job", new Job(), requestId: "k", wait: TimeSpan.FromSeconds(20))))
        );
        Assert.Single(answers.Select(answer => Taken(answer).Id).Distinct());
        Assert.All(answers, answer => Assert.Equal(SagaStatus.Completed, Taken(answer).Status));
        Assert.Single((await engine.Sagas.ListAsync(new(), CancellationToken.None)).Items);
        await engine.IdleAsync();
    }

    [Fact]
    public async Task Start_WhenTheIdIsTaken_IsRefusedUnlessTheRequestIsRepeated()
    {
        var gate = new Gate();
        await using var engine = await new EngineFixture(
            Simple(),
            Jobs.Define("slow").Step("a", step => step.Do((_, _) => gate.PassAsync())).Build()
        ).StartAsync();
        foreach (var type in new[] { "job", "slow" })
        {
            await engine.BeginAsync(type, new Job(), id: $"{type}-1", requestId: $"{type}-k");
            Assert.Equal(SagaRefusal.SagaExists, Refused(await engine.TryStartAsync(type, new Job(), id: $"{type}-1")));
            Assert.Equal(SagaRefusal.SagaExists, Refused(await engine.TryStartAsync(type, new Job(), id: $"{type}-1", requestId: "fresh")));
            Assert.Equal($"{type}-1", Taken(await engine.TryStartAsync(type, new Job(), id: $"{type}-1", requestId: $"{type}-k")).Id.Value);
            Assert.Equal($"{type}-1", Taken(await engine.TryStartAsync(type, new Job(), id: "elsewhere", requestId: $"{type}-k")).Id.Value);
        }

        gate.Open();
        Assert.Equal("fresh-1", Taken(await engine.TryStartAsync("job", new Job(), id: "fresh-1", requestId: "fresh")).Id.Value);
    }

    [Fact]
    public async Task Start_WhenAVerbForItsIdIsOnTheWay_IsNotTakenForUnknown()
    {
        var load = new Gate();
        await using var engine = await new EngineFixture(Simple()) { Wrap = store => new FaultyStore(store) }.StartAsync();
        engine.Faulty.BeforeLoad = _ => load.PassAsync();
        var first = engine.ActAsync(new SagaId("x"), OperatorAction.Pause);
        await load.Entered;
        var verb = engine.ActAsync(new SagaId("x"), OperatorAction.Pause);
        var start = engine.TryStartAsync("job", new Job(), id: "x");
        engine.Faulty.BeforeLoad = _ => Task.CompletedTask;
        load.Open();
        Assert.Equal(SagaRefusal.SagaNotFound, Refused(await first));
        Taken(await start);

        // Which of the two comes first is not promised on a cluster; and where it is the start, the saga may have ended before the verb
        // comes.
        if (await verb is SagaResult.Refused refused)
            Assert.True(
                refused.Refusal == SagaRefusal.SagaNotFound || (refused.Refusal == SagaRefusal.NotPossible && engine.Engine.Processes > 1),
                $"{refused}"
            );
    }

    [Fact]
    public async Task Act_WhenTheRequestIsRepeatedAfterTheEnd_NamesTheSameSaga()
    {
        await using var engine = await new EngineFixture(
            Jobs.Define().Step("a", step => step.Retry(Jobs.Far).Do((_, _) => throw new TimeoutException())).Build()
        ).StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        Taken(await engine.ActAsync(view.Id, OperatorAction.Cancel, requestId: "c"));
        await engine.EndAsync(view.Id);
        Assert.Equal(SagaStatus.Cancelled, Taken(await engine.ActAsync(view.Id, OperatorAction.Cancel, requestId: "c")).Status);
        Assert.Equal(SagaRefusal.RequestIdReused, Refused(await engine.ActAsync(view.Id, OperatorAction.Terminate, requestId: "c")));
        Assert.Equal(SagaRefusal.NotPossible, Refused(await engine.ActAsync(view.Id, OperatorAction.Cancel, requestId: "d")));
        Assert.Equal(SagaRefusal.NotPossible, Refused(await engine.ActAsync(view.Id, OperatorAction.Cancel)));
    }

    [Fact]
    public async Task Act_WhenManyRequestsComeAtOnce_EachIsAnswered()
    {
        var gate = new Gate();
        await using var engine = await new EngineFixture(
            Jobs.Define().Step("a", step => step.Do((_, _) => gate.PassAsync())).Build()
        ).StartAsync();
        var view = await engine.BeginAsync("job", new Job());
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 40)
                .Select(i =>
                    Task.Run(() =>
                        engine.ActAsync(view.Id, i % 2 == 0 ? OperatorAction.Pause : OperatorAction.Resume, requestId: $"k{i / 4}-{i % 2}")
                    )
                )
        );
        Assert.All(answers, answer => Taken(answer));
        Taken(await engine.ActAsync(view.Id, OperatorAction.Resume));
        gate.Open();
        Assert.Equal(SagaStatus.Completed, (await engine.EndAsync(view.Id)).Status);
    }

    [Theory]
    [InlineData("no such type", SagaProblems.UnknownType)]
    [InlineData("version", SagaProblems.UnknownType)]
    [InlineData("namespace", SagaProblems.InvalidRequest)]
    [InlineData("request id", SagaProblems.InvalidRequest)]
    [InlineData("correlation", SagaProblems.InvalidRequest)]
    [InlineData("data", SagaProblems.InvalidData)]
    [InlineData("null", SagaProblems.InvalidData)]
    [InlineData("large", SagaProblems.TooLarge)]
    public async Task Start_WhenItIsMalformed_IsRefused(string what, string problem)
    {
        await using var engine = await new EngineFixture(options => options.MaxDataBytes = 100, Simple()).StartAsync();
        var answer = await engine.Sagas.StartAsync(
            new StartSaga
            {
                Type = what == "no such type" ? "nothing" : "job",
                Version = what == "version" ? 9 : null,
                Namespace = what == "namespace" ? "no good" : "default",
                RequestId = what == "request id" ? new string('k', 256) : null,
                CorrelationId = what == "correlation" ? "" : null,
                Data = what switch
                {
                    "data" => "{\"name\":null}"u8.ToArray(),
                    "null" => "null"u8.ToArray(),
                    "large" => new byte[101],
                    _ => "{\"name\":\"a\",\"count\":1}"u8.ToArray(),
                },
            },
            CancellationToken.None
        );
        Assert.Equal(problem, Refusal.Of(Refused(answer)).Problem);
    }
}
