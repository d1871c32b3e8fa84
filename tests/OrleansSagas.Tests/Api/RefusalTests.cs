using System.Reflection;

namespace OrleansSagas.Tests.Api;

public sealed class RefusalTests
{
    [Fact]
    public void All_HasOneRowForEachKind() =>
        Assert.Equal(Enum.GetValues<SagaRefusal>().Order(), Refusal.All.Select(refusal => Assert.NotNull(refusal.Kind)).Order());

    [Fact]
    public void All_HasOneRowForEachProblemType() =>
        Assert.Equal(
            typeof(SagaProblems)
                .GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(field => (string)field.GetRawConstantValue()!)
                .Order(StringComparer.Ordinal),
            Refusal.All.Select(refusal => refusal.Problem).Order(StringComparer.Ordinal)
        );

    [Fact]
    public void All_SaysInTheContractWhichStatusEachHas() =>
        Assert.All(
            Refusal.All,
            refusal => Assert.True((refusal.Status, refusal.IsTransient) is (>= 400 and < 500, false) or (503, true), refusal.Problem)
        );

    [Fact]
    public void ToException_WhenTheRefusalIsKnown_HasATypeOfItsOwn() =>
        Assert.All(
            Refusal.All,
            refusal =>
            {
                var failure = refusal.ToException(Call(refusal.Problem));
                Assert.NotEqual(typeof(SagaClientException), failure.GetType());
                Assert.Equal(refusal.Problem, failure.ProblemType);
                Assert.StartsWith("Could not start a saga: It is not so. ", failure.Message, StringComparison.Ordinal);
                Assert.Equal(("It is not so.", new SagaId("s1"), "r1"), (failure.Detail, failure.SagaId, failure.RequestId));
            }
        );

    [Theory]
    [InlineData(null)]
    [InlineData("urn:orleanssagas:problem:of-another-version")]
    public void ToException_WhenAnotherVersionNamedTheRefusal_IsOneAllTheSame(string? problem)
    {
        var failure = Refusal.OfProblem(problem).ToException(Call(problem));
        Assert.Equal(typeof(SagaClientException), failure.GetType());
        Assert.Equal(problem, failure.ProblemType);
        Assert.Equal("Could not start a saga: It is not so.", failure.Message);
    }

    private static RefusedCall Call(string? problem) =>
        new("start a saga")
        {
            Saga = new SagaId("s1"),
            RequestId = "r1",
            Problem = problem,
            Detail = "It is not so.",
        };
}
