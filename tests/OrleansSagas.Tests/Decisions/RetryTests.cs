using OrleansSagas.Decisions;
using OrleansSagas.Plans;
using static OrleansSagas.Tests.Decisions.Plans;

namespace OrleansSagas.Tests.Decisions;

public sealed class RetryTests
{
    [Fact]
    public void Decide_WhenAnAttemptFails_TriesAgainAfterAPause()
    {
        var story = Story.Of(Of(Step("charge", attempts: 3))).Fails("charge");

        var failed = Assert.IsType<SagaEvent.AttemptFailed>(Assert.Single(story.Events));
        Assert.Equal((1, Story.Broken), (failed.Attempt, failed.Error));
        Assert.Equal(SagaStatus.Running, story.Status);
        Assert.Equal("do charge 2", story.Next);
        Assert.Equal(failed.RetryAt, story.PendingWork.WakeAt);
        Assert.InRange(failed.RetryAt - story.Now, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal((1, true), (story.Step("charge").Run, story.Step("charge").Uncertain));
    }

    [Fact]
    public void Decide_WhenTheLastAttemptFails_GivesTheStepUpAndUndoesIt()
    {
        var story = Story.Of(Of(Step("charge", attempts: 3))).Fails("charge").Fails("charge");
        Assert.Equal("do charge 3", story.Next);

        _ = story.Fails("charge");
        Assert.Equal((SagaStatus.Compensating, "undo charge 1"), (story.Status, story.Next));
        Assert.Equal((StepPhase.Unknown, 3), (story.Step("charge").Phase, story.Step("charge").Attempt));
        Assert.Equal((SagaEndReason.Failed, Story.Broken), (story.State.Reason, story.State.Error));
    }

    [Fact]
    public void Decide_WhenThereIsNoMaximum_NeverGivesUp()
    {
        var story = Story.Of(Of(Step("charge", attempts: null)));
        for (var attempt = 1; attempt <= 5_000; attempt++)
            _ = story.Fails("charge");

        Assert.Equal((SagaStatus.Running, "do charge 5001"), (story.Status, story.Next));
    }

    [Fact]
    public void Decide_WhenAFailureIsNotWorthRetrying_GivesUpAtOnceUncertain()
    {
        var story = Story.Of(Of(Step("charge", attempts: 3))).FailsForGood("charge");

        Assert.Equal((StepPhase.Unknown, true), (story.Step("charge").Phase, story.Step("charge").Uncertain));
        Assert.Equal("undo charge 1", story.Next);
    }

    [Fact]
    public void Decide_WhenTheOnlyAttemptIsRejected_KnowsThatNothingWasDone()
    {
        var story = Story.Of(Of(Step("charge", attempts: 3))).IsRejected("charge");

        Assert.Equal(SagaStatus.Failed, story.Status);
        Assert.Equal((StepPhase.NotDone, false), (story.Step("charge").Phase, story.Step("charge").Uncertain));
    }

    [Fact]
    public void Decide_WhenARetryIsRejected_StaysUncertainAndUndoes()
    {
        var story = Story.Of(Of(Step("charge", attempts: 3))).Fails("charge").IsRejected("charge");

        Assert.Equal((StepPhase.Unknown, true), (story.Step("charge").Phase, story.Step("charge").Uncertain));
        Assert.Equal("undo charge 1", story.Next);
    }

    [Fact]
    public void Decide_WhenARetrySucceeds_IsCertainAgain()
    {
        var story = Story.Of(Of(Step("charge", attempts: 3), Step("ship"))).Fails("charge").Succeeds("charge");

        Assert.Equal(
            (StepPhase.Done, false, 2, 1),
            (story.Step("charge").Phase, story.Step("charge").Uncertain, story.Step("charge").Attempt, story.Step("charge").Run)
        );
        Assert.Equal("do ship 1", story.Next);
    }

    [Fact]
    public void Decide_WhenAnOlderAttemptSucceeds_TakesIt()
    {
        var story = Story.Of(Of(Step("charge", attempts: 3), Step("ship"))).Fails("charge").Give(Story.Succeeded("charge", attempt: 1));

        Assert.Equal((StepPhase.Done, 1), (story.Step("charge").Phase, story.Step("charge").Attempt));
        Assert.Equal("do ship 1", story.Next);
    }

    [Fact]
    public void Decide_WhenAnOlderAttemptFails_IgnoresIt()
    {
        var story = Story.Of(Of(Step("charge", attempts: 3))).Fails("charge");

        Assert.Equal(RejectionKind.Late, story.Refuses(Story.Failed("charge", attempt: 1)).Kind);
        Assert.Equal(RejectionKind.Late, story.Refuses(Story.Refused("charge", attempt: 1)).Kind);
        Assert.Equal("do charge 2", story.Next);
    }

    [Fact]
    public void Decide_WhenTheResultCannotBeFolded_UndoesTheStepAsDone()
    {
        var story = Story.Of("reserve", "charge").Succeeds("reserve").Give(Story.ResultRejectedByFold("charge"));

        Assert.Equal((SagaStatus.Compensating, SagaEndReason.Failed, Story.Broken), (story.Status, story.State.Reason, story.State.Error));
        Assert.Equal((StepPhase.Done, false), (story.Step("charge").Phase, story.Step("charge").Uncertain));
        Assert.Equal("undo charge 1", story.Next);
    }

    [Fact]
    public void Decide_WhenAnUncertainStepsResultCannotBeFolded_KnowsThatItIsDone()
    {
        var story = Story.Of(Of(Step("charge", attempts: 3))).Fails("charge").Give(Story.ResultRejectedByFold("charge", attempt: 1));

        Assert.Equal((StepPhase.Done, false), (story.Step("charge").Phase, story.Step("charge").Uncertain));
        Assert.Equal("undo charge 1", story.Next);
    }

    [Fact]
    public void Decide_WhenItIsRetried_KeepsTheKey()
    {
        var story = Story.Of(Of(Step("charge", attempts: null)));
        var key = KeyOf(story);
        Assert.Equal("default/s-1/charge/1/do", key);
        for (var attempt = 1; attempt < 10; attempt++)
            Assert.Equal(key, KeyOf(story.Fails("charge")));
    }

    [Fact]
    public void Decide_WhenAnInterruptedStepIsRejectedNextTime_UndoesIt()
    {
        var story = Story.Of("charge").Give(new SagaCommand.Interrupt(StepPath.Root("charge"), StepDirection.Do, 1, 1));
        Assert.Equal(1, Assert.NotNull(story.PendingWork.Work).Attempt);

        story.Give(new SagaCommand.Answer(StepPath.Root("charge"), StepDirection.Do, 1, 1, new StepOutcome.Rejected(Story.Broken)));

        Assert.Equal(StepPhase.Unknown, story.State.Find(StepPath.Root("charge"))!.Phase);
        Assert.Equal(StepDirection.Undo, Assert.NotNull(story.PendingWork.Work).Direction);
    }

    [Fact]
    public void Decide_WhenAnUnknownStepAnswers_RefusesIt() =>
        Assert.Equal(RejectionKind.Late, Story.Of("charge").Refuses(Story.Succeeded("fly")).Kind);

    [Fact]
    public void Decide_WhenAStepThatIsNotYetOutstandingAnswers_RefusesIt()
    {
        var story = Story.Of("reserve", "charge");

        Assert.Equal(RejectionKind.Late, story.Refuses(Story.Succeeded("charge")).Kind);
        Assert.Equal(RejectionKind.Late, story.Refuses(Story.Undone("reserve")).Kind);
    }

    private static string KeyOf(Story story)
    {
        var work = Assert.NotNull(story.PendingWork.Work);
        return StepKey.Of(story.State.Key, work.Step.Path, work.Run, work.Direction);
    }
}
