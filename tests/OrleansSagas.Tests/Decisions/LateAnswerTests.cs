using OrleansSagas.Decisions;
using static OrleansSagas.Tests.Decisions.Plans;

namespace OrleansSagas.Tests.Decisions;

public sealed class LateAnswerTests
{
    [Fact]
    public void Decide_WhenARejectedStepSucceedsLate_UndoesItBeforeTheRest()
    {
        var story = Story.Of("reserve", "charge").Succeeds("reserve").IsRejected("charge");
        Assert.Equal("undo reserve 1", story.Next);

        _ = story.Give(Story.Succeeded("charge"));
        Assert.Equal((StepPhase.Done, "undo charge 1"), (story.Step("charge").Phase, story.Next));
        Assert.Equal("undo reserve 1", story.UndoSucceeds("charge").Next);
    }

    [Fact]
    public void Decide_WhenAStepSucceedsWhileItsFirstUndoMayBeInFlight_UndoesItAgain()
    {
        // The undo may have come to the service before the action did.
        var story = Story.Of("reserve", "charge").Succeeds("reserve").Fails("charge");
        Assert.Equal("undo charge 1", story.Next);

        _ = story.Give(Story.Succeeded("charge"));
        Assert.Equal((1, false), (story.Step("charge").UndoRun, story.Step("charge").Uncertain));

        _ = story.Give(Story.Undone("charge"));
        Assert.Equal((2, "undo charge 1"), (story.Step("charge").UndoRun, story.Next));
        Assert.Equal("undo reserve 1", story.Give(Story.Undone("charge", run: 2)).Next);
    }

    [Fact]
    public void Decide_WhenAStepSucceedsWhileItsUndoIsRetried_UndoesItAgainWithAHigherRun()
    {
        var story = Story.Of(Of(Step("charge", undoAttempts: 5))).Fails("charge").UndoFails("charge").Give(Story.Succeeded("charge"));
        Assert.Equal("undo charge 2", story.Next);

        _ = story.UndoSucceeds("charge");
        Assert.Equal((SagaStatus.Compensating, 2, "undo charge 1"), (story.Status, story.Step("charge").UndoRun, story.Next));

        Assert.Equal(SagaStatus.Compensated, story.UndoSucceeds("charge").Status);
    }

    [Fact]
    public void Decide_WhenAStepSucceedsWhileItsUndoIsStuck_IsCertainAndStaysStuck()
    {
        var story = Story.Of("charge").Fails("charge").UndoFails("charge").Give(Story.Succeeded("charge"));

        Assert.Equal((SagaStatus.Stuck, false), (story.Status, story.Step("charge").Uncertain));
    }

    [Fact]
    public void Decide_WhenAStuckStepAndThenItsUndoSucceedLate_UndoesItAgain()
    {
        var story = Story.Of("charge").Fails("charge").UndoFails("charge").Give(Story.Succeeded("charge")).Give(Story.Undone("charge"));

        Assert.Equal((SagaStatus.Compensating, 2, "undo charge 1"), (story.Status, story.Step("charge").UndoRun, story.Next));
    }

    [Fact]
    public void Decide_WhenAStepSucceedsAfterItWasUndone_UndoesItAgainBeforeTheRest()
    {
        var story = Story
            .Of("reserve", "charge")
            .Succeeds("reserve")
            .Fails("charge")
            .UndoSucceeds("charge")
            .Give(Story.Succeeded("charge"));

        Assert.Equal((StepPhase.Done, 2, "undo charge 1"), (story.Step("charge").Phase, story.Step("charge").UndoRun, story.Next));
        Assert.Equal("undo reserve 1", story.UndoSucceeds("charge").Next);
        Assert.Equal(SagaStatus.Compensated, story.UndoSucceeds("reserve").Status);
    }

    [Fact]
    public void Decide_WhenAnUndoAnswersForAnEarlierRun_RefusesIt()
    {
        var story = Story
            .Of("reserve", "charge")
            .Succeeds("reserve")
            .Fails("charge")
            .UndoSucceeds("charge")
            .Give(Story.Succeeded("charge"));

        Assert.Equal(RejectionKind.Late, story.Refuses(Story.Undone("charge", run: 1)).Kind);
        Assert.Equal(RejectionKind.Late, story.Refuses(Story.UndoFailed("charge", run: 1)).Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Decide_WhenAStepSucceedsAfterAnOperatorSettledItsUndo_UndoesItAgain(bool resolved)
    {
        var story = Story.Of("reserve", "charge").Succeeds("reserve").Fails("charge").UndoFails("charge");
        _ = story.Give(resolved ? new SagaCommand.ResolveUndo(Note: "done by hand") : new SagaCommand.SkipUndo(Note: "done by hand"));
        Assert.Equal("undo reserve 1", story.Next);

        _ = story.Give(Story.Succeeded("charge"));
        Assert.Equal((2, "undo charge 1"), (story.Step("charge").UndoRun, story.Next));
    }

    [Fact]
    public void Decide_WhenAStepThatNobodyKnewToBeInFlightSucceedsAfterTurningBack_UndoesIt()
    {
        // The owner that handed over had begun it; the next one was told to cancel before it did.
        var story = Story.Of("reserve", "charge").Succeeds("reserve").OwnerHandsOver().IsCancelled();
        Assert.Equal("undo reserve 1", story.Next);

        _ = story.Give(Story.Succeeded("charge"));
        Assert.Equal((StepPhase.Done, "undo charge 1"), (story.Step("charge").Phase, story.Next));
        Assert.Equal(SagaStatus.Cancelled, story.UndoSucceeds("charge").UndoSucceeds("reserve").Status);
    }

    [Fact]
    public void Decide_WhenAResultComesLateThatCannotBeFolded_UndoesTheStep()
    {
        var story = Story.Of("charge", "ship").Succeeds("charge").IsRejected("ship").Give(Story.ResultRejectedByFold("ship"));

        Assert.Equal((SagaEndReason.Failed, "undo ship 1"), (story.State.Reason, story.Next));
    }

    [Fact]
    public void Decide_WhenAFailureOrRejectionComesLate_OnlyRefusesIt()
    {
        var story = Story.Of("reserve", "charge").Succeeds("reserve").Fails("charge").UndoSucceeds("charge");

        Assert.Equal(RejectionKind.Late, story.Refuses(Story.Failed("charge")).Kind);
        Assert.Equal(RejectionKind.Late, story.Refuses(Story.Refused("charge")).Kind);
        Assert.Equal(RejectionKind.Late, story.Refuses(Story.UndoFailed("charge")).Kind);
    }

    [Fact]
    public void Decide_WhenAStepsSuccessIsRepeated_RefusesIt()
    {
        var story = Story.Of("reserve", "charge").Succeeds("reserve");

        Assert.Equal(RejectionKind.Late, story.Refuses(Story.Succeeded("reserve")).Kind);
        Assert.Equal(RejectionKind.Late, story.Fails("charge").Refuses(Story.Succeeded("reserve")).Kind);
    }

    [Fact]
    public void Decide_WhenAStepSucceedsAfterTheEnd_SaysThatNobodyWillUndoIt()
    {
        Assert.Equal(RejectionKind.LateSuccess, Story.Of("charge").IsCancelled().Refuses(Story.Succeeded("charge")).Kind);
        Assert.Equal(RejectionKind.LateSuccess, Story.Of("charge").IsRejected("charge").Refuses(Story.Succeeded("charge")).Kind);
        Assert.Equal(
            RejectionKind.LateSuccess,
            Story.Of("charge").Fails("charge").UndoSucceeds("charge").Refuses(Story.Succeeded("charge")).Kind
        );
        Assert.Equal(
            RejectionKind.Late,
            Story.Of("charge").Give(new SagaCommand.Terminate()).Refuses(Story.ResultRejectedByFold("charge")).Kind
        );
    }

    [Fact]
    public void Decide_WhenAnythingElseComesAfterTheEnd_IsOnlyLate()
    {
        var story = Story.Of("charge").Succeeds("charge");
        Assert.Equal(RejectionKind.Late, story.Refuses(Story.Succeeded("charge")).Kind);
        Assert.Equal(RejectionKind.Late, story.Refuses(Story.Failed("charge")).Kind);
        Assert.Equal(RejectionKind.Late, story.Refuses(new SagaCommand.TimePassed()).Kind);

        story = Story.Of("charge").Fails("charge").UndoSucceeds("charge");
        Assert.Equal(RejectionKind.Late, story.Refuses(Story.Undone("charge")).Kind);
    }
}
