using OrleansSagas.Decisions;
using static OrleansSagas.Tests.Decisions.Plans;

namespace OrleansSagas.Tests.Decisions;

public sealed class DeadlineTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void Decide_WhenTheDeadlinePasses_UndoesWhatWasDone()
    {
        var story = Story.Of(Of(Hour, Step("reserve"), Step("charge"))).Succeeds("reserve");
        Assert.Equal(Story.Noon + Hour, story.PendingWork.WakeAt);

        _ = story.UntilWoken();
        Assert.Equal((SagaStatus.Compensating, SagaEndReason.Deadline, "undo reserve 1"), (story.Status, story.State.Reason, story.Next));
        Assert.Equal("deadline", story.State.Error?.Type);
        Assert.Equal(SagaStatus.Compensated, story.UndoSucceeds("reserve").Status);
    }

    [Fact]
    public void Decide_WhenTheDeadlinePassesWithNothingDone_Fails()
    {
        var story = Story.Of(Of(Hour, Step("reserve"))).UntilWoken();

        Assert.Equal((SagaStatus.Failed, SagaEndReason.Deadline), (story.Status, story.State.Reason));
    }

    [Fact]
    public void Decide_JustBeforeTheDeadline_DoesNothing()
    {
        var story = Story.Of(Of(Hour, Step("reserve"))).Later(Hour - TimeSpan.FromMilliseconds(1)).Give(new SagaCommand.TimePassed());

        Assert.Empty(story.Events);
        Assert.Equal("do reserve 1", story.Next);
    }

    [Fact]
    public void Decide_WhenTheDeadlinePassesWithAnAttemptInFlight_WaitsForItsAnswer()
    {
        var story = Story.Of(Of(Hour, Step("reserve"))).Later(Hour).Give(new SagaCommand.TimePassed(), inFlight: "reserve");
        Assert.Equal((SagaStatus.Compensating, null, story.Now + SagaDecider.Grace), (story.Status, story.Next, story.PendingWork.WakeAt));

        _ = story.Give(Story.Succeeded("reserve"));
        Assert.Equal("undo reserve 1", story.Next);
    }

    [Fact]
    public void Decide_WhenTheDeadlinePassesInARetrysPause_UndoesAtOnce()
    {
        var story = Story.Of(Of(Hour, Step("reserve", attempts: 5))).Fails("reserve").Later(Hour).Give(new SagaCommand.TimePassed());

        Assert.Equal((StepPhase.Unknown, "undo reserve 1"), (story.Step("reserve").Phase, story.Next));
    }

    [Fact]
    public void Decide_WhenARetryIsDueBeforeTheDeadline_IsWokenForTheRetry()
    {
        var story = Story.Of(Of(Hour, Step("reserve", attempts: 5))).Fails("reserve");

        Assert.Equal(story.Step("reserve").DueAt, story.PendingWork.WakeAt);
        Assert.True(story.PendingWork.WakeAt < Story.Noon + Hour);
    }

    [Fact]
    public void Decide_WhenTheLastStepSucceedsAfterTheDeadline_Completes() =>
        Assert.Equal(SagaStatus.Completed, Story.Of(Of(Hour, Step("reserve"))).Later(2 * Hour).Succeeds("reserve").Status);

    [Fact]
    public void Decide_WhenAStepThatIsNotTheLastSucceedsAfterTheDeadline_TurnsBack()
    {
        var story = Story.Of(Of(Hour, Step("reserve"), Step("charge"))).Later(2 * Hour).Succeeds("reserve");

        Assert.Equal((SagaEndReason.Deadline, "undo reserve 1"), (story.State.Reason, story.Next));
        Assert.False(story.Knows("charge"));
    }

    [Fact]
    public void Decide_WhenAnAttemptFailsAfterTheDeadline_IsNotRetried()
    {
        var story = Story.Of(Of(Hour, Step("reserve", attempts: 5))).Later(2 * Hour).Fails("reserve");

        Assert.Equal(
            (SagaEndReason.Deadline, StepPhase.Unknown, "undo reserve 1"),
            (story.State.Reason, story.Step("reserve").Phase, story.Next)
        );
    }

    [Fact]
    public void Decide_WhenTheDeadlinePassesWhileUndoing_DoesNotCutTheUndoShort()
    {
        var story = Story.Of(Of(Hour, Step("reserve"), Step("charge"))).Succeeds("reserve").Fails("charge");
        Assert.Null(story.PendingWork.WakeAt);

        Assert.Empty(story.Later(2 * Hour).Give(new SagaCommand.TimePassed()).Events);
        Assert.Equal("undo charge 1", story.Next);

        _ = story.UndoSucceeds("charge").UndoSucceeds("reserve");
        Assert.Equal((SagaStatus.Compensated, SagaEndReason.Failed), (story.Status, story.State.Reason));
    }

    [Fact]
    public void Decide_WhenTheClockJumpsBackAfterTheDeadline_UnhappensNothing()
    {
        var story = Story.Of(Of(Hour, Step("reserve"), Step("charge"))).Succeeds("reserve").UntilWoken();

        Assert.Empty(story.Later(-3 * Hour).Give(new SagaCommand.TimePassed()).Events);
        Assert.Equal("undo reserve 1", story.Next);
    }
}
