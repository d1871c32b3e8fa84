using OrleansSagas.Decisions;
using static OrleansSagas.Tests.Decisions.Plans;

namespace OrleansSagas.Tests.Decisions;

public sealed class AdoptionTests
{
    [Fact]
    public void Decide_WhenTheOwnerDied_CountsItsAttemptAsLostAndTriesAgainAtOnce()
    {
        var story = Story.Of(Of(Step("charge", attempts: 3))).OwnerDies();

        Assert.Collection(
            story.Events,
            what => Assert.IsType<SagaEvent.OwnershipTaken>(what),
            what => Assert.Equal("lost", Assert.IsType<SagaEvent.AttemptFailed>(what).Error.Type)
        );
        var work = Assert.NotNull(story.PendingWork.Work);
        Assert.Equal((2, true), (work.Attempt, work.IsDue(story.Now)));
        Assert.True(story.Step("charge").Uncertain);
    }

    [Fact]
    public void Decide_WhenTheOwnerDiesAtEveryAttempt_GivesTheStepUpAtItsMaximum()
    {
        var story = Story.Of(Of(Step("charge", attempts: 3))).OwnerDies().OwnerDies();
        Assert.Equal("do charge 3", story.Next);

        _ = story.OwnerDies();
        Assert.Equal((SagaStatus.Compensating, "undo charge 1"), (story.Status, story.Next));
        Assert.Equal((StepPhase.Unknown, "lost"), (story.Step("charge").Phase, story.Step("charge").Error?.Type));
    }

    [Fact]
    public void Decide_WhenTheOwnerHandedOver_LosesNothing()
    {
        var story = Story.Of(Of(Step("charge", attempts: 3))).OwnerHandsOver();

        Assert.IsType<SagaEvent.OwnershipTaken>(Assert.Single(story.Events));
        Assert.Equal("do charge 1", story.Next);
        Assert.False(story.Knows("charge"));
    }

    [Fact]
    public void Decide_WhenTheOwnerDiedInARetrysPause_LosesNothing()
    {
        var story = Story.Of(Of(Step("charge", attempts: 3))).Fails("charge");
        var next = story.PendingWork;

        Assert.IsType<SagaEvent.OwnershipTaken>(Assert.Single(story.OwnerDies().Events));
        Assert.Equal(next, story.PendingWork);
    }

    [Fact]
    public void Decide_WhenTheOwnerDiedWhileUndoing_CountsItsUndoAsLost()
    {
        var story = Story.Of(Of(Step("charge", undoAttempts: 2))).Fails("charge").OwnerDies();
        Assert.Equal("undo charge 2", story.Next);

        _ = story.OwnerDies();
        Assert.Equal((SagaStatus.Stuck, "lost"), (story.Status, story.Step("charge").UndoError?.Type));
    }

    [Fact]
    public void Decide_WhenTheOwnerDiedAfterAnOperatorsRetry_CountsFromThere()
    {
        var story = Story.Of(Of(Step("charge", undoAttempts: 2))).Fails("charge").OwnerDies().OwnerDies().Give(new SagaCommand.RetryUndo());

        Assert.Equal("undo charge 4", story.OwnerDies().Next);
        Assert.Equal(SagaStatus.Stuck, story.OwnerDies().Status);
    }

    [Fact]
    public void Decide_WhenTheOwnerDiedWaitingForAnAttemptInFlight_UndoesItAtOnce()
    {
        var story = Story.Of("charge").IsCancelled(inFlight: "charge").OwnerDies();

        Assert.Equal((StepPhase.Unknown, "undo charge 1"), (story.Step("charge").Phase, story.Next));
        Assert.Null(story.PendingWork.WakeAt);
    }

    [Fact]
    public void Decide_WhenTheOwnerHandedOverWaitingForAnAttemptInFlight_GoesOnWaiting()
    {
        var story = Story.Of("charge").IsCancelled(inFlight: "charge").OwnerHandsOver();

        Assert.Equal((StepPhase.Open, story.Now + SagaDecider.Grace), (story.Step("charge").Phase, story.PendingWork.WakeAt));
        Assert.Equal("undo charge 1", story.UntilWoken().Next);
    }

    [Fact]
    public void Decide_WhenTheOwnerDiedWhilePaused_CountsItsAttemptAsLostAndStaysPaused()
    {
        var story = Story.Of(Of(Step("charge", attempts: 3))).IsPaused().OwnerDies();

        Assert.Equal((SagaStatus.Paused, null, true), (story.Status, story.Next, story.Step("charge").Uncertain));
        Assert.Equal("do charge 2", story.IsResumed().Next);
    }

    [Fact]
    public void Decide_WhenOwnersDieAgainWhilePaused_LosesNoFurtherAttempt()
    {
        var story = Story.Of(Of(Step("charge", attempts: 2))).IsPaused().OwnerDies();

        Assert.IsType<SagaEvent.OwnershipTaken>(Assert.Single(story.OwnerDies().Events));
        Assert.Equal("do charge 2", story.IsResumed().Next);
    }

    [Fact]
    public void Decide_WhenTheOwnerDiedWhilePausedBetweenSteps_LosesNothing()
    {
        var story = Story.Of("reserve", "charge").IsPaused().Give(Story.Succeeded("reserve"));

        Assert.IsType<SagaEvent.OwnershipTaken>(Assert.Single(story.OwnerDies().Events));
        Assert.Equal((SagaStatus.Running, "do charge 1", false), (story.IsResumed().Status, story.Next, story.Knows("charge")));
        Assert.Equal(SagaStatus.Compensating, story.OwnerDies().Status);
    }

    [Fact]
    public void Decide_WhenHandedOverWhilePausedAndThenTheOwnerDied_CountsTheAttemptAsLost() =>
        Assert.True(Story.Of(Of(Step("charge", attempts: 2))).IsPaused().OwnerHandsOver().OwnerDies().Step("charge").Uncertain);

    [Fact]
    public void Decide_WhenTheOwnerDiedWhileStuck_StaysStuck()
    {
        var story = Story.Of("charge").Fails("charge").UndoFails("charge").OwnerDies();

        Assert.IsType<SagaEvent.OwnershipTaken>(Assert.Single(story.Events));
        Assert.Equal(SagaStatus.Stuck, story.Status);
    }

    [Fact]
    public void Decide_WhenTheOwnerDiedBeforeTheDeadlineAndItPassed_UndoesTheLostStep()
    {
        var hour = TimeSpan.FromHours(1);
        var story = Story.Of(Of(hour, Step("charge", attempts: 3))).Later(hour).OwnerDies();

        Assert.Equal((SagaEndReason.Deadline, "undo charge 1"), (story.State.Reason, story.Next));
    }

    [Fact]
    public void Decide_WhenTheEarlierOwnersAttemptSucceedsAfterAdoption_TakesIt()
    {
        var story = Story.Of(Of(Step("charge", attempts: 3), Step("ship"))).OwnerDies().Give(Story.Succeeded("charge", attempt: 1));

        Assert.Equal("do ship 1", story.Next);
    }

    [Fact]
    public void Decide_WhenAdoptedAfterTheEnd_Refuses() =>
        Assert.Equal(
            RejectionKind.Late,
            Story.Of("charge").Succeeds("charge").Refuses(new SagaCommand.TakeOver(new(3), OwnerDied: true)).Kind
        );
}
