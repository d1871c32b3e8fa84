namespace OrleansSagas.Tests.Api;

public sealed class RefusalsTests
{
    [Fact]
    public void ExceptionOf_WhenTheRefusalIsKnown_HasATypeOfItsOwn() =>
        Assert.All(
            Enum.GetValues<SagaRefusal>(),
            refusal =>
            {
                var failure = ExceptionOf(Refusals.ProblemOf(refusal));
                Assert.NotEqual(typeof(SagaClientException), failure.GetType());
                Assert.Equal(Refusals.ProblemOf(refusal), failure.ProblemType);
                Assert.Equal("Could not start a saga: It is not so.", failure.Message);
                Assert.Equal(("It is not so.", new SagaId("s1"), "r1"), (failure.Detail, failure.SagaId, failure.RequestId));
            }
        );

    [Theory]
    [InlineData(null)]
    [InlineData("urn:orleanssagas:problem:of-a-later-version")]
    public void ExceptionOf_WhenTheProblemIsOfAnotherVersion_IsPlain(string? problem)
    {
        var failure = ExceptionOf(problem);
        Assert.Equal(typeof(SagaClientException), failure.GetType());
        Assert.Equal(problem, failure.ProblemType);
    }

    private static SagaClientException ExceptionOf(string? problem) =>
        ProblemException.Of("start a saga", problem, "It is not so.", new SagaId("s1"), "r1");
}
