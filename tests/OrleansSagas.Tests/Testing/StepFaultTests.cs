using OrleansSagas.Testing;

namespace OrleansSagas.Tests.Testing;

public sealed class StepFaultTests : IAsyncLifetime
{
    private readonly Agency _agency = new();
    private SagaTestHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await Trips.HostAsync(_agency, test => test.Grace = TimeSpan.FromHours(1));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private Task<SagaView> RunAsync(string traveller = "Anna") => _host.RunAsync("trip", new Trip(traveller));

    [Fact]
    public async Task Fails_WhenSomeTimes_IsRetriedAndDidNothing()
    {
        var faults = _host.Faults.Step("book-flight").Fails(2);

        var end = await RunAsync();

        Assert.Equal((SagaStatus.Completed, 3), (end.Status, end.Steps[1].Attempts));
        Assert.Equal(["do book-hotel 1", "do book-flight 3", "do send-tickets 1"], _agency.Calls);
        Assert.Equal(2, faults.Fired);
        Assert.Equal("InjectedFaultException", end.Steps[1].Error!.Type);
        _host.Faults.Verify();
    }

    [Fact]
    public async Task Fails_WhenThereAreManySagas_ComesToEachOfThem()
    {
        _host.Faults.Step("book-flight").Fails(2, with: new TimeoutException("Too slow."));

        for (var i = 0; i < 3; i++)
            Assert.Equal((3, "TimeoutException"), (await RunAsync()).Steps[1] is var step ? (step.Attempts, step.Error!.Type) : default);
    }

    [Fact]
    public async Task IsRejected_WhenItComes_IsForGoodAndKnownNotToBeDone()
    {
        _host.Faults.Step("book-flight").IsRejected("Sold out.");

        var end = await RunAsync();

        Assert.Equal((SagaStatus.Compensated, StepStatus.Rejected), (end.Status, end.Steps[1].Status));
        Assert.Equal(new SagaError("StepRejectedException", "Sold out."), end.Error);
        Assert.Equal(["do book-hotel 1", "undo book-hotel 1"], _agency.Calls);
    }

    [Fact]
    public async Task TimesOut_WhenItComes_TakesTheTimeoutAndDoesNothing()
    {
        _host.Faults.Step("book-flight").TimesOut(2);

        var end = await RunAsync();

        Assert.Equal((SagaStatus.Completed, 3, "timeout"), (end.Status, end.Steps[1].Attempts, end.Steps[1].Error!.Type));
        Assert.InRange((end.EndedAt - end.StartedAt)!.Value, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(70));
        Assert.Equal(["do book-hotel 1", "do book-flight 3", "do send-tickets 1"], _agency.Calls);
    }

    [Fact]
    public async Task AnswersLate_WhenARetryIsToCome_IsTaken()
    {
        _host.Faults.Step("book-flight").AnswersLate();

        var end = await RunAsync();

        Assert.Equal(SagaStatus.Completed, end.Status);
        Assert.Equal(1, _agency.Calls.Count(call => call == "do book-flight 1"));
        Assert.Equal("book-flight of saga-1", _host.DataOf<Trip>(end).Flight);
    }

    [Fact]
    public async Task AnswersLate_WhenTheStepWasGivenUp_IsUndone()
    {
        _host.Faults.Step("book-flight").TimesOut(4).AnswersLate(after: TimeSpan.FromSeconds(7));

        var end = await RunAsync();

        Assert.Equal((SagaStatus.Compensated, StepStatus.Undone), (end.Status, end.Steps[1].Status));
        Assert.Equal("do book-flight 5", _agency.Calls[1]);
        Assert.Contains("undo book-flight 1", _agency.Calls);
        Assert.Empty(_agency.Standing);
        _host.Faults.Verify();
    }

    [Fact]
    public async Task LosesAnswer_WhenItComes_TookEffectAndIsRetriedWithTheSameKey()
    {
        _host.Faults.Step("book-flight").LosesAnswer();

        var end = await RunAsync();

        Assert.Equal(SagaStatus.Completed, end.Status);
        Assert.Equal(["do book-hotel 1", "do book-flight 1", "do book-flight 2", "do send-tickets 1"], _agency.Calls);
        Assert.Equal(3, _agency.Standing.Length);
    }

    [Fact]
    public async Task Undo_WhenItFailsForGood_IsStuckUntilAnOperatorRetriesIt()
    {
        _host.Faults.Step("book-flight").IsRejected();
        _host.Faults.Undo("book-hotel").AlwaysFails();
        var saga = await _host.Client.StartAsync("trip", new Trip("Anna"));
        await _host.WaitForAsync(saga.Id, trip => trip.Status == SagaStatus.Stuck);

        _host.Faults.Undo("book-hotel").Clear();
        await saga.RetryAsync("the hotel answers again");

        Assert.Equal(SagaStatus.Compensated, (await saga.WaitAsync()).Status);
        _host.Faults.Verify();
    }

    [Fact]
    public async Task CrashesBefore_WhenItComes_LosesTheAttemptAndGoesOn()
    {
        _host.Faults.Step("book-flight").CrashesBefore();

        var end = await RunAsync();

        Assert.Equal((SagaStatus.Completed, "lost"), (end.Status, end.Steps[1].Error!.Type));
        Assert.Equal(["do book-hotel 1", "do book-flight 2", "do send-tickets 1"], _agency.Calls);
        Assert.Contains("adopted", await _host.EventsAsync(end.Id));
    }

    [Fact]
    public async Task CrashesAfter_WhenItComesAtEveryStep_EachEffectIsThereOnce()
    {
        foreach (var step in new[] { "book-hotel", "book-flight", "send-tickets" })
            _host.Faults.Step(step).CrashesAfter(2);

        var end = await RunAsync();

        Assert.Equal(SagaStatus.Completed, end.Status);
        Assert.Equal(9, _agency.Calls.Length);
        Assert.Equal(3, _agency.Standing.Length);
        _host.Faults.Verify();
    }

    [Fact]
    public async Task Step_WhenOneSagaIsNamed_LeavesTheOthersAlone()
    {
        _host.Faults.Step("book-flight", saga: new SagaId("saga-2")).IsRejected();
        _host.Faults.Step("book-flight").Fails();

        Assert.Equal([SagaStatus.Completed, SagaStatus.Compensated], [(await RunAsync()).Status, (await RunAsync()).Status]);
    }

    [Fact]
    public async Task Step_WhenATypeIsNamed_LeavesTheOthersAlone()
    {
        await using var host = await Trips.HostAsync(_agency, test => test.Sagas.Add(Trips.Define(type: "cruise")));
        host.Faults.Step("book-flight", type: "cruise").IsRejected();

        Assert.Equal(SagaStatus.Completed, (await host.RunAsync("trip", new Trip("Anna"))).Status);
        Assert.Equal(SagaStatus.Compensated, (await host.RunAsync("cruise", new Trip("Anna"))).Status);
    }

    [Fact]
    public void Step_WhenItsNameIsWrong_NamesTheRightOnes()
    {
        Assert.StartsWith(
            "No saga here has a step 'book-fligth'. There are: trip: book-hotel, book-flight, send-tickets.",
            Assert.Throws<ArgumentException>(() => _host.Faults.Step("book-fligth")).Message,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "No saga type 'tripp' here has a step 'book-flight'.",
            Assert.Throws<ArgumentException>(() => _host.Faults.Step("book-flight", "tripp")).Message,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "No saga here has a step 'send-tickets' with an undo. There are: trip: book-hotel, book-flight.",
            Assert.Throws<ArgumentException>(() => _host.Faults.Undo("send-tickets")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Fails_WhenNothingCanComeAfterwards_SaysSo()
    {
        var faults = _host.Faults.Step("book-flight").AlwaysFails();

        Assert.Equal(
            "step 'book-flight' always fails: nothing can come after that. Call Clear first.",
            Assert.Throws<InvalidOperationException>(() => faults.TimesOut()).Message
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => _host.Faults.Step("book-hotel").Fails(0));
    }

    [Fact]
    public async Task Verify_WhenSomethingNeverCame_NamesIt()
    {
        _host.Faults.Step("book-hotel").Fails();
        _host.Faults.Step("book-flight", "trip").LosesAnswer(2).TimesOut();
        _host.Faults.Undo("book-hotel").Fails(2);
        _host.Faults.Store.LosesAnswers(20);
        _host.Faults.Step("send-tickets").IsRejected();
        _host.Faults.CrashBeforeCommit(100);

        var exception = Assert.Throws<SagaTestException>(_host.Faults.Verify);
        Assert.Equal(
            "These faults were asked for and never came: step 'book-flight' of 'trip' loses its answer (2 times); step 'book-flight' "
                + "of 'trip' times out; step 'book-hotel' fails; "
                + "the undo of step 'book-hotel' fails (2 times); step 'send-tickets' is rejected; the store loses an answer (20 "
                + "times); a crash before commit 100 (there were 0).",
            exception.Message
        );
        await RunAsync();
        Assert.StartsWith(
            "These faults were asked for and never came: the store loses an answer",
            Assert.Throws<SagaTestException>(_host.Faults.Verify).Message,
            StringComparison.Ordinal
        );
    }
}
