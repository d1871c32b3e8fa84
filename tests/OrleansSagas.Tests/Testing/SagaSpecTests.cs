using OrleansSagas.Testing;

namespace OrleansSagas.Tests.Testing;

public sealed class SagaSpecTests
{
    private static SagaSpec GivenTrip(TimeSpan? deadline = null) => SagaSpec.Given(Trips.Define(deadline), new Trip("Anna"));

    [Fact]
    public void Spec_WhenEveryStepSucceeds_FoldsTheResultsAndCompletes() =>
        GivenTrip()
            .ThenDoes("book-hotel")
            .WhenSucceeds("book-hotel", "h-1")
            .ThenDoes("book-flight")
            .WhenSucceeds("book-flight", "f-1")
            .ThenDoes("send-tickets")
            .WhenSucceeds("send-tickets")
            .ThenIs(SagaStatus.Completed)
            .Then<Trip>(trip => trip == new Trip("Anna", "h-1", "f-1"));

    [Fact]
    public void Spec_WhenAStepIsRejected_UndoesWhatWasDone() =>
        GivenTrip()
            .WhenSucceeds("book-hotel", "h-1")
            .WhenFails("book-flight")
            .ThenDoes("book-flight", attempt: 2)
            .WhenRejected("book-flight", "Sold out.")
            .ThenUndoes("book-flight") // the failed attempt may have booked it
            .WhenUndone("book-flight")
            .ThenUndoes("book-hotel")
            .WhenUndone("book-hotel")
            .ThenIs(SagaStatus.Compensated);

    [Fact]
    public void Spec_WhenAStepIsGivenUpAndItsUndoToo_IsStuckUntilSomeoneActs()
    {
        var spec = GivenTrip().WhenSucceeds("book-hotel", "h-1").WhenGivenUp("book-flight", new TimeoutException("No answer."));
        Assert.Equal(5, spec.View.Steps[1].Attempts);

        spec.WhenUndoGivenUp("book-flight")
            .ThenIs(SagaStatus.Stuck)
            .When(OperatorAction.Retry)
            .ThenUndoes("book-flight", attempt: 11)
            .WhenUndoFails("book-flight")
            .ThenUndoes("book-flight", attempt: 12)
            .WhenUndone("book-flight")
            .WhenUndone("book-hotel")
            .ThenIs(SagaStatus.Compensated);
    }

    [Fact]
    public void Spec_WhenItIsCancelledInFlight_WaitsForTheAnswer() =>
        GivenTrip()
            .WhenSucceeds("book-hotel", "h-1")
            .When(OperatorAction.Cancel)
            .ThenIs(SagaStatus.Compensating)
            .WhenSucceeds("book-flight", "f-1")
            .ThenUndoes("book-flight")
            .WhenUndone("book-flight")
            .WhenUndone("book-hotel")
            .ThenIs(SagaStatus.Cancelled);

    [Fact]
    public void Spec_WhenTheDeadlinePasses_TurnsBack()
    {
        var spec = GivenTrip(TimeSpan.FromMinutes(10)).WhenSucceeds("book-hotel", "h-1").WhenFails("book-flight");

        spec.WhenTimePasses(TimeSpan.FromMinutes(9)).ThenDoes("book-flight", attempt: 2);
        spec.WhenTimePasses(TimeSpan.FromMinutes(2)).ThenUndoes("book-flight");

        Assert.Equal(SagaEndReason.Deadline, spec.View.Reason);
    }

    [Fact]
    public void Spec_WhenAFoldThrows_TurnsBackAsTheEngineWould()
    {
        var definition = Saga.Define<Trip>("bad")
            .Step(
                "one",
                step =>
                    step.Do(
                            (Trip _, StepContext _) => Task.FromResult(1),
                            (Trip trip, int number) => throw new InvalidOperationException("No.")
                        )
                        .Undo((_, _) => Task.CompletedTask)
            )
            .Build();

        SagaSpec
            .Given(definition, new Trip("Anna"))
            .WhenSucceeds("one", 1)
            .ThenUndoes("one")
            .WhenUndone("one")
            .ThenIs(SagaStatus.Compensated);
    }

    [Fact]
    public void Then_WhenItIsNotSo_SaysWhatWasExpectedAndWhereTheSagaStands()
    {
        var spec = GivenTrip().WhenSucceeds("book-hotel", "h-1").WhenRejected("book-flight", "Sold out.");

        var does = Assert.Throws<SagaTestException>(() => spec.ThenDoes("send-tickets"));
        Assert.Equal(
            """
            Expected that attempt 1 to do 'send-tickets' is outstanding.
            Outstanding is: attempt 1 to undo 'book-hotel'.
            Saga 'saga-1' of type 'trip' is Compensating, because of: Failed, StepRejectedException: Sold out.
              book-hotel    Undoing, 1 attempt, 1 to undo
              book-flight   Rejected, 1 attempt, StepRejectedException: Sold out
              send-tickets  Pending
            """,
            does.Message.ReplaceLineEndings()
        );
        Assert.StartsWith(
            "Expected that the saga is Completed.",
            Assert.Throws<SagaTestException>(() => spec.ThenIs(SagaStatus.Completed)).Message,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "Expected trip => trip.Flight == \"f-1\", of {",
            Assert.Throws<SagaTestException>(() => spec.Then<Trip>(trip => trip.Flight == "f-1")).Message,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "Expected that an attempt to do 'send-tickets' is awaited.",
            Assert.Throws<SagaTestException>(() => spec.WhenSucceeds("send-tickets")).Message,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "This cannot happen to the saga now: ",
            Assert.Throws<SagaTestException>(() => spec.When(OperatorAction.Skip)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void When_WhenItMakesNoSense_SaysWhy()
    {
        Assert.StartsWith(
            "The saga type 'trip' has no step 'hotel'. There are: book-hotel, book-flight, send-tickets.",
            Assert.Throws<ArgumentException>(() => GivenTrip().WhenSucceeds("hotel")).Message,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "Step 'book-hotel' answers with another type",
            Assert.Throws<ArgumentException>(() => GivenTrip().WhenSucceeds("book-hotel", 7)).Message,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "Step 'book-hotel' answers with another type",
            Assert.Throws<ArgumentException>(() => GivenTrip().WhenSucceeds("book-hotel")).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => SagaSpec.Given(Trips.Definition, "a text"));
    }
}
