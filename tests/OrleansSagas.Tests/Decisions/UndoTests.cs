using OrleansSagas.Decisions;
using OrleansSagas.Plans;
using static OrleansSagas.Tests.Decisions.Plans;

namespace OrleansSagas.Tests.Decisions;

public sealed class UndoTests
{
    [Fact]
    public void Decide_WhenStepFailsForGood_UndoesInReverse()
    {
        var story = Story.Of("reserve", "charge", "ship").Succeeds("reserve").Succeeds("charge").Fails("ship");

        Assert.Equal((SagaStatus.Compensating, "undo ship 1"), (story.Status, story.Next));
        Assert.Equal("undo charge 1", story.UndoSucceeds("ship").Next);
        Assert.Equal("undo reserve 1", story.UndoSucceeds("charge").Next);

        _ = story.UndoSucceeds("reserve");
        Assert.Equal((SagaStatus.Compensated, SagaEndReason.Failed, Story.Broken), (story.Status, story.State.Reason, story.State.Error));
        Assert.All(story.State.Steps, step => Assert.Equal(StepPhase.Undone, step.Phase));
        Assert.True(story.PendingWork.IsNothing);
    }

    [Fact]
    public void Decide_WhenAStepIsGivenUp_GivesUpThenTurnsBackInOneTurn()
    {
        var story = Story.Of("reserve", "charge").Succeeds("reserve").Fails("charge");

        Assert.Collection(
            story.Events,
            what => Assert.Equal(new SagaEvent.StepFailed(StepPath.Root("charge"), 1, StepPhase.Unknown, Story.Broken), what),
            what => Assert.Equal(new SagaEvent.CompensationStarted(SagaEndReason.Failed, Story.Broken, [], null), what)
        );
    }

    [Fact]
    public void Decide_WhenAStepIsRejected_UndoesOnlyThoseBefore()
    {
        var story = Story.Of("reserve", "charge", "ship").Succeeds("reserve").IsRejected("charge");

        Assert.Equal("undo reserve 1", story.Next);
        Assert.Equal(SagaStatus.Compensated, story.UndoSucceeds("reserve").Status);
        Assert.False(story.Knows("ship"));
        Assert.Equal(StepPhase.NotDone, story.Step("charge").Phase);
    }

    [Fact]
    public void Decide_WhenTheFirstStepIsRejected_FailsWithNothingToUndo()
    {
        var story = Story.Of("reserve", "charge").IsRejected("reserve");

        Assert.Equal((SagaStatus.Failed, SagaEndReason.Failed), (story.Status, story.State.Reason));
        Assert.True(story.PendingWork.IsNothing);
    }

    [Fact]
    public void Decide_WhenStepsHaveNoUndo_PassesThemBy()
    {
        var story = Story.Of(Of(Step("reserve"), Step("mail", undo: false), Step("charge")));
        _ = story.Succeeds("reserve").Succeeds("mail").IsRejected("charge");

        Assert.Equal("undo reserve 1", story.Next);
        Assert.Equal(SagaStatus.Compensated, story.UndoSucceeds("reserve").Status);
        Assert.Equal(StepPhase.Done, story.Step("mail").Phase);
    }

    [Fact]
    public void Decide_WhenAnUncertainStepHasNoUndo_SaysSoAndFails()
    {
        var story = Story.Of(Of(Step("mail", undo: false))).Fails("mail");

        Assert.Equal(SagaStatus.Failed, story.Status);
        Assert.Equal((StepPhase.Unknown, true), (story.Step("mail").Phase, story.Step("mail").Uncertain));
    }

    [Fact]
    public void Decide_WhenAnUndoFails_TriesItAgainAfterAPauseUnderItsOwnPolicy()
    {
        var story = Story.Of(Of(Step("charge", attempts: 1, undoAttempts: 3))).Fails("charge").UndoFails("charge");

        var failed = Assert.IsType<SagaEvent.AttemptFailed>(Assert.Single(story.Events));
        Assert.Equal(StepDirection.Undo, failed.Direction);
        Assert.Equal((SagaStatus.Compensating, "undo charge 2"), (story.Status, story.Next));
        Assert.Equal(failed.RetryAt, story.PendingWork.WakeAt);
        Assert.InRange(failed.RetryAt - story.Now, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal(
            (StepPhase.Undoing, Story.Broken, 1),
            (story.Step("charge").Phase, story.Step("charge").UndoError, story.Step("charge").UndoRun)
        );

        Assert.Equal(SagaStatus.Compensated, story.UndoFails("charge").UndoSucceeds("charge").Status);
    }

    [Fact]
    public void Decide_WhenAnOlderAttemptOfAnUndoSucceeds_TakesIt() =>
        Assert.Equal(
            SagaStatus.Compensated,
            Story
                .Of(Of(Step("charge", undoAttempts: 3)))
                .Fails("charge")
                .UndoFails("charge")
                .Give(Story.Undone("charge", attempt: 1))
                .Status
        );

    [Fact]
    public void Decide_WhenAnOlderAttemptOfAnUndoFails_IgnoresIt()
    {
        var story = Story.Of(Of(Step("charge", undoAttempts: 3))).Fails("charge").UndoFails("charge");

        Assert.Equal(RejectionKind.Late, story.Refuses(Story.UndoFailed("charge", attempt: 1)).Kind);
        Assert.Equal("undo charge 2", story.Next);
    }

    [Fact]
    public void Decide_WhenAnUndoThatIsNotOutstandingAnswers_RefusesIt()
    {
        var story = Story.Of("reserve", "charge").Succeeds("reserve").Fails("charge");

        Assert.Equal(RejectionKind.Late, story.Refuses(Story.Undone("reserve")).Kind);
        Assert.Equal(RejectionKind.Late, story.Refuses(Story.UndoFailed("reserve")).Kind);
        Assert.Equal("undo charge 1", story.Next);
    }
}
