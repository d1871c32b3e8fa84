using OrleansSagas.Decisions;
using OrleansSagas.Plans;
using static OrleansSagas.Tests.Decisions.Plans;

namespace OrleansSagas.Tests.Decisions;

public sealed class StuckTests
{
    private static readonly StepPath Charge = StepPath.Root("charge");

    [Fact]
    public void Decide_WhenAnUndoFailsForGood_IsStuckAndWaitsForAnOperator()
    {
        var story = Stuck();

        Assert.Equal(SagaStatus.Stuck, story.Status);
        Assert.True(story.PendingWork.IsNothing);
        Assert.Equal(
            (StepPhase.UndoFailed, Story.Broken, 2),
            (story.Step("charge").Phase, story.Step("charge").UndoError, story.Step("charge").UndoAttempt)
        );
    }

    [Fact]
    public void Decide_WhenAnUndoIsRejected_IsStuckAtOnce()
    {
        var story = Story.Of(Of(Step("charge", undoAttempts: 5))).Fails("charge");
        _ = story.Give(Story.UndoFailed("charge") with { Outcome = new StepOutcome.Rejected(Story.Broken) });

        Assert.Equal(SagaStatus.Stuck, story.Status);
    }

    [Fact]
    public void Decide_WhenRetried_TriesTheUndoAtOnceWithAsManyAttemptsAsBefore()
    {
        var story = Stuck().Give(new SagaCommand.RetryUndo(Note: "the bank is back"));

        Assert.Equal(new SagaEvent.UndoRetried(Charge, "the bank is back"), Assert.Single(story.Events));
        Assert.Equal((SagaStatus.Compensating, "undo charge 3"), (story.Status, story.Next));
        Assert.Null(story.PendingWork.WakeAt);
        Assert.Equal(1, story.Step("charge").UndoRun);

        _ = story.UndoFails("charge");
        Assert.Equal("undo charge 4", story.Next);
        Assert.Equal(SagaStatus.Stuck, story.UndoFails("charge").Status);
    }

    [Fact]
    public void Decide_WhenRetriedAndTheUndoSucceeds_GoesOnWithTheRest()
    {
        var story = Stuck().Give(new SagaCommand.RetryUndo()).UndoSucceeds("charge");

        Assert.Equal("undo reserve 1", story.Next);
        Assert.Equal(SagaStatus.Compensated, story.UndoSucceeds("reserve").Status);
    }

    [Fact]
    public void Decide_WhenSkipped_KeepsTheNoteAndGoesOnWithTheRest()
    {
        var story = Stuck().Give(new SagaCommand.SkipUndo(Note: "let them keep it"));

        Assert.Equal((StepPhase.UndoSkipped, "let them keep it"), (story.Step("charge").Phase, story.Step("charge").Note));
        Assert.Equal((SagaStatus.Compensating, "undo reserve 1"), (story.Status, story.Next));
        Assert.Equal(SagaStatus.Compensated, story.UndoSucceeds("reserve").Status);
        Assert.Equal("let them keep it", story.Step("charge").Note);
    }

    [Fact]
    public void Decide_WhenResolved_KeepsTheNoteAndGoesOnWithTheRest()
    {
        var story = Stuck().Give(new SagaCommand.ResolveUndo(Charge, "refunded by hand"));

        Assert.Equal((StepPhase.UndoResolved, "refunded by hand"), (story.Step("charge").Phase, story.Step("charge").Note));
        Assert.Equal("undo reserve 1", story.Next);
        Assert.Equal(SagaStatus.Compensated, story.UndoSucceeds("reserve").Status);
    }

    [Fact]
    public void Decide_WhenTheLastStuckUndoIsSkipped_Ends()
    {
        var story = Story.Of("charge").Fails("charge").UndoFails("charge").Give(new SagaCommand.SkipUndo(Note: "never mind"));

        Assert.Equal(SagaStatus.Compensated, story.Status);
    }

    [Fact]
    public void Decide_WhenTheNamedStepIsNotStuck_Refuses()
    {
        var story = Stuck();

        foreach (var path in new[] { StepPath.Root("reserve"), StepPath.Root("fly") })
        {
            Assert.Equal(RejectionKind.NotPossible, story.Refuses(new SagaCommand.RetryUndo(path)).Kind);
            Assert.Equal(RejectionKind.NotPossible, story.Refuses(new SagaCommand.SkipUndo(path)).Kind);
            Assert.Equal(RejectionKind.NotPossible, story.Refuses(new SagaCommand.ResolveUndo(path)).Kind);
        }
    }

    [Fact]
    public void Decide_WhenNothingIsStuck_RefusesTheOperator()
    {
        foreach (var story in new[] { Story.Of("charge"), Story.Of("charge").Fails("charge"), Story.Of("charge").Succeeds("charge") })
        {
            Assert.Equal(RejectionKind.NotPossible, story.Refuses(new SagaCommand.RetryUndo()).Kind);
            Assert.Equal(RejectionKind.NotPossible, story.Refuses(new SagaCommand.SkipUndo()).Kind);
            Assert.Equal(RejectionKind.NotPossible, story.Refuses(new SagaCommand.ResolveUndo()).Kind);
        }
    }

    [Fact]
    public void Decide_WhenTheUndoSucceedsLate_IsNoLongerStuck()
    {
        var story = Stuck().Give(Story.Undone("charge", attempt: 1));

        Assert.Equal((SagaStatus.Compensating, "undo reserve 1"), (story.Status, story.Next));
        Assert.Equal(StepPhase.Undone, story.Step("charge").Phase);
    }

    [Fact]
    public void Decide_WhenTheUndoSucceedsAfterAnOperatorSettledIt_RefusesIt()
    {
        Assert.Equal(RejectionKind.Late, Stuck().Give(new SagaCommand.SkipUndo()).Refuses(Story.Undone("charge")).Kind);
        Assert.Equal(RejectionKind.Late, Stuck().Give(new SagaCommand.ResolveUndo()).Refuses(Story.Undone("charge")).Kind);
    }

    [Fact]
    public void Decide_WhenTheUndoOfAnotherRunSucceedsLate_StaysStuck()
    {
        var story = Stuck();

        Assert.Equal(RejectionKind.Late, story.Refuses(Story.Undone("charge", run: 2)).Kind);
        Assert.Equal(SagaStatus.Stuck, story.Status);
    }

    [Fact]
    public void Decide_WhenPausedAndStuck_IsShownAsStuckAndGoesOnOnlyAfterResume()
    {
        var story = Stuck().IsPaused();
        Assert.Equal(SagaStatus.Stuck, story.Status);

        _ = story.Give(new SagaCommand.RetryUndo());
        Assert.Equal((SagaStatus.Paused, null), (story.Status, story.Next));

        _ = story.IsResumed();
        Assert.Equal((SagaStatus.Compensating, "undo charge 3"), (story.Status, story.Next));
    }

    /// <summary>Reserved; charging failed for good, and so did its undo, after two attempts.</summary>
    private static Story Stuck() =>
        Story
            .Of(Of(Step("reserve"), Step("charge", undoAttempts: 2)))
            .Succeeds("reserve")
            .Fails("charge")
            .UndoFails("charge")
            .UndoFails("charge");
}
