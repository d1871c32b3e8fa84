using OrleansSagas.Decisions;
using static OrleansSagas.Tests.Decisions.Plans;

namespace OrleansSagas.Tests.Decisions;

public sealed class PauseTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void Decide_WhenPaused_StartsNothingNew()
    {
        var story = Story.Of("reserve", "charge").IsPaused();

        Assert.Equal(SagaStatus.Paused, story.Status);
        Assert.True(story.PendingWork.IsNothing);
        Assert.Equal((SagaStatus.Running, "do reserve 1"), (story.IsResumed().Status, story.Next));
    }

    [Fact]
    public void Decide_WhenPaused_LetsWhatRunsFinish()
    {
        var story = Story.Of("reserve", "charge").IsPaused().Give(Story.Succeeded("reserve"));

        Assert.Equal((SagaStatus.Paused, null), (story.Status, story.Next));
        Assert.Equal("do charge 1", story.IsResumed().Next);
    }

    [Fact]
    public void Decide_WhenPausedAndTheLastStepSucceeds_Completes() =>
        Assert.Equal(SagaStatus.Completed, Story.Of("reserve").IsPaused().Give(Story.Succeeded("reserve")).Status);

    [Fact]
    public void Decide_WhenPausedAndAnAttemptFails_RetriesAfterResume()
    {
        var story = Story.Of(Of(Step("reserve", attempts: 2))).IsPaused().Give(Story.Failed("reserve"));
        Assert.True(story.PendingWork.IsNothing);

        _ = story.IsResumed();
        Assert.Equal(("do reserve 2", story.Step("reserve").DueAt), (story.Next, story.PendingWork.WakeAt));
    }

    [Fact]
    public void Decide_WhenPausedAndAStepFailsForGood_UndoesAfterResume()
    {
        var story = Story.Of("reserve", "charge").Succeeds("reserve").IsPaused().Give(Story.Failed("charge"));
        Assert.Equal((SagaStatus.Paused, null), (story.Status, story.Next));

        Assert.Equal((SagaStatus.Compensating, "undo charge 1"), (story.IsResumed().Status, story.Next));
    }

    [Fact]
    public void Decide_WhenPausedWhileUndoing_StartsNoFurtherUndo()
    {
        var story = Story.Of("reserve", "charge").Succeeds("reserve").Fails("charge").IsPaused();
        Assert.True(story.PendingWork.IsNothing);

        _ = story.Give(Story.Undone("charge"));
        Assert.Equal((SagaStatus.Paused, StepPhase.Undone), (story.Status, story.Step("charge").Phase));
        Assert.Equal("undo reserve 1", story.IsResumed().Next);
    }

    [Fact]
    public void Decide_WhenPausedOrResumedTwice_TakesItWithNoEffect()
    {
        var story = Story.Of("reserve").IsPaused();
        Assert.Empty(story.IsPaused().Events);

        _ = story.IsResumed();
        Assert.Empty(story.IsResumed().Events);
    }

    [Fact]
    public void Decide_WhenTheDeadlinePassesWhilePaused_ActsOnResume()
    {
        var story = Story.Of(Of(Hour, Step("reserve"), Step("charge"))).Succeeds("reserve").IsPaused().Later(2 * Hour);
        Assert.Empty(story.Give(new SagaCommand.TimePassed()).Events);
        Assert.Equal(SagaStatus.Paused, story.Status);

        _ = story.IsResumed();
        Assert.Equal((SagaStatus.Compensating, SagaEndReason.Deadline, "undo reserve 1"), (story.Status, story.State.Reason, story.Next));
    }

    [Fact]
    public void Decide_WhenPausedForAWhile_KeepsTheDeadlineWhereItWas()
    {
        var story = Story.Of(Of(Hour, Step("reserve"))).IsPaused().Later(Hour / 2).IsResumed();

        Assert.Equal(Story.Noon + Hour, story.PendingWork.WakeAt);
    }

    [Fact]
    public void Decide_WhenResumedAfterTheDeadlineWithAnAttemptInFlight_WaitsForItsAnswer()
    {
        var story = Story.Of(Of(Hour, Step("reserve"))).IsPaused().Later(2 * Hour).IsResumed(inFlight: "reserve");

        Assert.Equal((SagaStatus.Compensating, null), (story.Status, story.Next));
        Assert.Equal(story.Now + SagaDecider.Grace, story.PendingWork.WakeAt);
    }
}
