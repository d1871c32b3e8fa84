using OrleansSagas.Decisions;
using OrleansSagas.Plans;
using static OrleansSagas.Tests.Decisions.Plans;

namespace OrleansSagas.Tests.Decisions;

public sealed class CancelTests
{
    [Fact]
    public void Decide_WhenCancelledBeforeAnythingWasDone_EndsCancelled()
    {
        var story = Story.Of("reserve", "charge").IsCancelled();

        Assert.Equal((SagaStatus.Cancelled, SagaEndReason.Cancelled), (story.Status, story.State.Reason));
        Assert.Equal(new SagaError("cancelled", "changed my mind"), story.State.Error);
        Assert.Empty(story.State.Steps);
    }

    [Fact]
    public void Decide_WhenCancelledBetweenSteps_UndoesWhatWasDoneAndEndsCancelled()
    {
        var story = Story.Of("reserve", "charge", "ship").Succeeds("reserve").Succeeds("charge").IsCancelled();

        Assert.Equal((SagaStatus.Compensating, "undo charge 1"), (story.Status, story.Next));
        Assert.Equal(SagaStatus.Cancelled, story.UndoSucceeds("charge").UndoSucceeds("reserve").Status);
        Assert.False(story.Knows("ship"));
    }

    [Fact]
    public void Decide_WhenCancelledWithAnAttemptInFlight_WaitsForItsAnswer()
    {
        var story = Story.Of("reserve", "charge").Succeeds("reserve").IsCancelled(inFlight: "charge");

        Assert.Equal((SagaStatus.Compensating, null), (story.Status, story.Next));
        Assert.Equal(story.Now + SagaDecider.Grace, story.PendingWork.WakeAt);
        Assert.Equal(StepPhase.Open, story.Step("charge").Phase);
    }

    [Fact]
    public void Decide_WhenTheAttemptInFlightSucceeds_UndoesItToo()
    {
        var story = Story.Of("reserve", "charge").Succeeds("reserve").IsCancelled(inFlight: "charge");
        _ = story.Give(Story.Succeeded("charge") with { Outcome = new StepOutcome.Succeeded(Story.Data("paid")) });

        Assert.Equal((SagaStatus.Compensating, "undo charge 1"), (story.Status, story.Next));
        Assert.Equal(Story.Data("paid"), story.State.Data);
        Assert.Equal(SagaStatus.Cancelled, story.UndoSucceeds("charge").UndoSucceeds("reserve").Status);
    }

    [Fact]
    public void Decide_WhenTheAttemptInFlightIsTheLastAndSucceeds_IsCancelledAllTheSame()
    {
        var story = Story.Of("charge").IsCancelled(inFlight: "charge").Give(Story.Succeeded("charge"));

        Assert.Equal("undo charge 1", story.Next);
        Assert.Equal(SagaStatus.Cancelled, story.UndoSucceeds("charge").Status);
    }

    [Fact]
    public void Decide_WhenTheAttemptInFlightSucceedsButCannotBeFolded_UndoesItAndEndsCancelled()
    {
        var story = Story
            .Of("reserve", "charge")
            .Succeeds("reserve")
            .IsCancelled(inFlight: "charge")
            .Give(Story.ResultRejectedByFold("charge"));

        Assert.Equal((SagaEndReason.Cancelled, "undo charge 1"), (story.State.Reason, story.Next));
        Assert.DoesNotContain(story.Events, what => what is SagaEvent.CompensationStarted);
        Assert.Equal(SagaStatus.Cancelled, story.UndoSucceeds("charge").UndoSucceeds("reserve").Status);
    }

    [Fact]
    public void Decide_WhenTheAttemptInFlightIsRejected_DoesNotUndoIt()
    {
        var story = Story.Of("reserve", "charge").Succeeds("reserve").IsCancelled(inFlight: "charge").Give(Story.Refused("charge"));

        Assert.Equal(StepPhase.NotDone, story.Step("charge").Phase);
        Assert.Equal(SagaStatus.Cancelled, story.UndoSucceeds("reserve").Status);
    }

    [Fact]
    public void Decide_WhenTheAttemptInFlightFails_IsNotRetriedButUndone()
    {
        var story = Story.Of(Of(Step("charge", attempts: 5))).IsCancelled(inFlight: "charge").Give(Story.Failed("charge"));

        Assert.Equal(StepPhase.Unknown, story.Step("charge").Phase);
        Assert.Equal("undo charge 1", story.Next);
    }

    [Fact]
    public void Decide_WhenTheAttemptInFlightDoesNotAnswerInTime_UndoesItAsUncertain()
    {
        var story = Story.Of("charge").IsCancelled(inFlight: "charge");

        _ = story.Later(SagaDecider.Grace - TimeSpan.FromMilliseconds(1)).Give(new SagaCommand.TimePassed());
        Assert.Null(story.Next);

        _ = story.UntilWoken();
        Assert.Equal((StepPhase.Unknown, "undo charge 1"), (story.Step("charge").Phase, story.Next));
        Assert.Equal(SagaStatus.Cancelled, story.UndoSucceeds("charge").Status);
    }

    [Fact]
    public void Decide_WhenCancelledWithARetryInFlight_StaysUncertainThroughARejection()
    {
        var story = Story.Of(Of(Step("charge", attempts: 5))).Fails("charge").UntilDue().IsCancelled(inFlight: "charge");
        Assert.Equal(story.Now + SagaDecider.Grace, story.PendingWork.WakeAt);

        _ = story.Give(Story.Refused("charge", attempt: 2));
        Assert.Equal((StepPhase.Unknown, "undo charge 1"), (story.Step("charge").Phase, story.Next));
    }

    [Fact]
    public void Decide_WhenCancelledInTheRetryPause_UndoesAtOnce()
    {
        var story = Story.Of(Of(Step("charge", attempts: 5))).Fails("charge").IsCancelled();

        Assert.Equal((StepPhase.Unknown, "undo charge 1"), (story.Step("charge").Phase, story.Next));
        Assert.Null(story.PendingWork.WakeAt);
        Assert.Equal(SagaStatus.Cancelled, story.UndoSucceeds("charge").Status);
    }

    [Fact]
    public void Decide_WhenCancelledWhileBeingUndoneAfterAFailure_Refuses()
    {
        var story = Story.Of("reserve", "charge").Succeeds("reserve").Fails("charge");

        Assert.Equal(RejectionKind.NotPossible, story.Refuses(new SagaCommand.Cancel()).Kind);
        Assert.Equal(SagaStatus.Compensated, story.UndoSucceeds("charge").UndoSucceeds("reserve").Status);
    }

    [Fact]
    public void Decide_WhenCancelledTwice_TakesItWithNoEffect()
    {
        var story = Story.Of("reserve", "charge").Succeeds("reserve").IsCancelled();
        var before = story.State;

        Assert.Empty(story.IsCancelled().Events);
        Assert.Equal(before, story.State);
    }

    [Fact]
    public void Decide_WhenCancelledAfterTheEnd_Refuses()
    {
        Assert.Equal(RejectionKind.NotPossible, Story.Of("reserve").Succeeds("reserve").Refuses(new SagaCommand.Cancel()).Kind);
        Assert.Equal(RejectionKind.NotPossible, Story.Of("reserve").IsCancelled().Refuses(new SagaCommand.Cancel()).Kind);
    }

    [Fact]
    public void Decide_WhenCancelledWhilePaused_UndoesOnlyAfterResume()
    {
        var story = Story.Of("reserve", "charge").Succeeds("reserve").IsPaused().IsCancelled();
        Assert.Equal((SagaStatus.Paused, null), (story.Status, story.Next));
        Assert.True(story.PendingWork.IsNothing);

        _ = story.IsResumed();
        Assert.Equal((SagaStatus.Compensating, "undo reserve 1"), (story.Status, story.Next));
    }

    [Fact]
    public void Decide_WhenCancelledWhilePausedWithNothingDone_EndsCancelled() =>
        Assert.Equal(SagaStatus.Cancelled, Story.Of("reserve").IsPaused().IsCancelled().Status);

    [Fact]
    public void Decide_WhenCancelledWhilePausedWithAnAttemptInFlight_StopsWaitingForItInTime()
    {
        var story = Story.Of("charge").IsPaused().IsCancelled(inFlight: "charge");
        Assert.Equal(SagaStatus.Paused, story.Status);

        _ = story.UntilWoken();
        Assert.Equal((SagaStatus.Paused, StepPhase.Unknown, null), (story.Status, story.Step("charge").Phase, story.Next));
        Assert.Equal("undo charge 1", story.IsResumed().Next);
    }
}
