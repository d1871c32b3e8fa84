using OrleansSagas.Decisions;
using OrleansSagas.Plans;
using static OrleansSagas.Tests.Decisions.Plans;

namespace OrleansSagas.Tests.Decisions;

public sealed class StartTests
{
    [Fact]
    public void Decide_WhenStarted_HasTheFirstStepOutstandingAtOnce()
    {
        var story = Story.Of("reserve", "charge");

        Assert.Equal(SagaStatus.Running, story.Status);
        Assert.Equal(1, story.State.Revision);
        Assert.IsType<SagaEvent.Started>(Assert.Single(story.Events));
        var work = Assert.NotNull(story.PendingWork.Work);
        Assert.Equal(("reserve", StepDirection.Do, 1, 1), (work.Step.Path.Value, work.Direction, work.Run, work.Attempt));
        Assert.True(work.IsDue(story.Now));
    }

    [Fact]
    public void Decide_WhenStarted_KeepsWhatWasSaidOfTheSaga()
    {
        var plan = Of("reserve");
        var story = Story.Unstarted(plan).Give(new SagaCommand.Start(Story.Key, Story.Data("7"), "order-7", new SagaId("parent")));

        var identity = story.State.Identity;
        Assert.Equal(Story.Key, story.State.Key);
        Assert.Equal(Story.Data("7"), story.State.Data);
        Assert.Equal((plan.Type, plan.Version, plan.Identity.Fingerprint), (identity.Type, identity.Version, identity.Fingerprint));
        Assert.Equal((Story.Noon, "order-7", new SagaId("parent")), (identity.StartedAt, identity.CorrelationId, identity.ParentId));
    }

    [Fact]
    public void Decide_WhenStarted_CutsTheTimesToMilliseconds()
    {
        var story = Story.Unstarted(Of(TimeSpan.FromTicks(12_345), Step("reserve"))).Later(TimeSpan.FromTicks(56_789));
        _ = story.Give(new SagaCommand.Start(Story.Key, Story.Data("0")));

        Assert.Equal(Story.Noon.AddMilliseconds(5), story.State.Identity.StartedAt);
        Assert.Equal(Story.Noon.AddMilliseconds(6), story.State.DeadlineAt);
    }

    [Fact]
    public void Decide_WhenStartedTwice_Refuses() =>
        Assert.Equal(RejectionKind.Exists, Story.Of("reserve").Refuses(new SagaCommand.Start(Story.Key, Story.Data("0"))).Kind);

    [Fact]
    public void Decide_WhenStartedAfterTheEnd_Refuses() =>
        Assert.Equal(
            RejectionKind.Exists,
            Story.Of("reserve").Succeeds("reserve").Refuses(new SagaCommand.Start(Story.Key, Story.Data("0"))).Kind
        );

    [Fact]
    public void Decide_WhenNothingWasStarted_KnowsNoSuchSaga()
    {
        var story = Story.Unstarted(Of("reserve"));

        foreach (
            var input in new SagaCommand[]
            {
                new SagaCommand.Cancel(),
                new SagaCommand.TimePassed(),
                Story.Succeeded("reserve"),
                new SagaCommand.Resume(),
            }
        )
            Assert.Equal(RejectionKind.NotFound, story.Refuses(input).Kind);
    }

    [Fact]
    public void Decide_WhenStepsSucceed_DoesThemInOrderAndCompletes()
    {
        var story = Story.Of("reserve", "charge", "ship").Succeeds("reserve");
        Assert.Equal("do charge 1", story.Next);

        _ = story.Succeeds("charge");
        Assert.Equal((SagaStatus.Running, "do ship 1"), (story.Status, story.Next));

        _ = story.Succeeds("ship");
        Assert.Equal(SagaStatus.Completed, story.Status);
        Assert.Null(story.State.Reason);
        Assert.True(story.PendingWork.IsNothing);
        Assert.All(story.State.Steps, step => Assert.Equal(StepPhase.Done, step.Phase));
    }

    [Fact]
    public void Decide_WhenAStepSucceeds_TakesItsDataWhereItChanged()
    {
        var story = Story.Of("reserve", "charge");

        _ = story.Give(Story.Succeeded("reserve") with { Outcome = new StepOutcome.Succeeded(Story.Data("1")) });
        Assert.Equal(Story.Data("1"), story.State.Data);

        _ = story.Succeeds("charge");
        Assert.Equal(Story.Data("1"), story.State.Data);
    }
}
