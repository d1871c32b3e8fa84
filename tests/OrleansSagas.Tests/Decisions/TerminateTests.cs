using OrleansSagas.Decisions;
using OrleansSagas.Plans;
using static OrleansSagas.Tests.Decisions.Plans;

namespace OrleansSagas.Tests.Decisions;

public sealed class TerminateTests
{
    public static TheoryData<string> Situations => [.. Stories.Keys];

    private static Dictionary<string, Func<Story>> Stories { get; } =
        new()
        {
            ["running"] = () => Story.Of("reserve", "charge").Succeeds("reserve"),
            ["in a retry's pause"] = () => Story.Of(Of(Step("reserve", attempts: 2))).Fails("reserve"),
            ["waiting for an attempt in flight"] = () => Story.Of("reserve").IsCancelled(inFlight: "reserve"),
            ["being undone"] = () => Story.Of("reserve").Fails("reserve"),
            ["stuck"] = () => Story.Of("reserve").Fails("reserve").UndoFails("reserve"),
            ["paused"] = () => Story.Of("reserve").IsPaused(),
        };

    [Theory]
    [MemberData(nameof(Situations))]
    public void Decide_WhenTerminated_EndsAsItIsAndUndoesNothing(string situation)
    {
        var story = Stories[situation]();
        var steps = story.State.Steps;
        _ = story.Give(new SagaCommand.Terminate("enough"));

        Assert.Equal(new SagaEvent.Ended(SagaStatus.Terminated, "enough"), Assert.Single(story.Events));
        Assert.Equal((SagaStatus.Terminated, SagaEndReason.Terminated), (story.Status, story.State.Reason));
        Assert.Equal(new SagaError("terminated", "enough"), story.State.Error);
        Assert.Equal(steps, story.State.Steps);
        Assert.True(story.PendingWork.IsNothing);
    }

    [Fact]
    public void Decide_WhenTerminatedTwice_Refuses() =>
        Assert.Equal(
            RejectionKind.NotPossible,
            Story.Of("reserve").Give(new SagaCommand.Terminate()).Refuses(new SagaCommand.Terminate()).Kind
        );
}
