using System.Net;

namespace OrleansSagas.Tests.Client;

public sealed class FailureTests
{
    private readonly Script _server = new();

    private Task<ISagaHandle> Start() => _server.Client().StartAsync("order", 1, new StartOptions { RequestId = "r1" });

    private Task<SagaView> Read() => _server.Client().Get(new SagaId("s1")).GetAsync();

    private Task<SagaView> Cancel() => _server.Client().Get(new SagaId("s1")).CancelAsync();

    [Theory]
    [InlineData(400, SagaProblems.InvalidRequest, typeof(InvalidSagaRequestException))]
    [InlineData(400, SagaProblems.InvalidData, typeof(InvalidSagaRequestException))]
    [InlineData(413, SagaProblems.TooLarge, typeof(InvalidSagaRequestException))]
    [InlineData(415, SagaProblems.UnsupportedMediaType, typeof(InvalidSagaRequestException))]
    [InlineData(401, SagaProblems.Unauthorized, typeof(SagaUnauthorizedException))]
    [InlineData(404, SagaProblems.UnknownType, typeof(UnknownSagaTypeException))]
    [InlineData(404, SagaProblems.SagaNotFound, typeof(SagaNotFoundException))]
    [InlineData(409, SagaProblems.SagaExists, typeof(SagaExistsException))]
    [InlineData(409, SagaProblems.NotPossible, typeof(SagaNotPossibleException))]
    [InlineData(422, SagaProblems.KeyReused, typeof(IdempotencyKeyReusedException))]
    [InlineData(503, SagaProblems.Overloaded, typeof(SagaUnavailableException))]
    [InlineData(503, SagaProblems.Unavailable, typeof(SagaUnavailableException))]
    public async Task EachProblem_BecomesItsException(int status, string type, Type expected)
    {
        for (var i = 0; i < 1000; i++)
            _server.ThenProblem((HttpStatusCode)status, type, "Saga s9 is not so.");

        var failure = (SagaClientException)await Assert.ThrowsAsync(expected, Start);

        Assert.Equal((HttpStatusCode)status, failure.Status);
        Assert.Equal(type, failure.ProblemType);
        Assert.Equal("Saga s9 is not so.", failure.Detail);
        Assert.Equal(new SagaId("s9"), failure.SagaId);
        Assert.Equal("r1", failure.RequestId);
        Assert.Contains("Could not start a saga of type 'order': Saga s9 is not so. ", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Address", failure.Message, StringComparison.Ordinal);
        if (expected != typeof(SagaUnavailableException))
            Assert.Single(_server.Requests);
    }

    [Fact]
    public void EveryProblemOfTheContract_IsInTheTestAbove()
    {
        var tested = typeof(FailureTests)
            .GetMethod(nameof(EachProblem_BecomesItsException))!
            .GetCustomAttributesData()
            .Where(data => data.AttributeType == typeof(InlineDataAttribute))
            .Select(data =>
                (string)((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)data.ConstructorArguments[0].Value!)[1].Value!
            );
        var all = typeof(SagaProblems).GetFields().Select(field => (string)field.GetRawConstantValue()!);
        Assert.Equal(all.Order(StringComparer.Ordinal), tested.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("text/html", "<html>502</html>")]
    [InlineData("application/problem+json", "{\"type\":")]
    [InlineData("application/problem+json", "[1]")]
    [InlineData("application/problem+json", "{\"type\":5,\"detail\":{},\"sagaId\":\"a b\"}")]
    [InlineData("application/problem+json", "{\"type\":\"\\ud800\"}")]
    [InlineData("application/problem+json", "{\"type\":\"about:blank\"}")]
    [InlineData("application/json", "")]
    public async Task AnswerWithoutAKnownProblem_MapsByStatus(string mediaType, string body)
    {
        var expected = new (HttpStatusCode Status, Func<Task> Call, Type Type)[]
        {
            (HttpStatusCode.BadRequest, Read, typeof(InvalidSagaRequestException)),
            (HttpStatusCode.Unauthorized, Read, typeof(SagaUnauthorizedException)),
            (HttpStatusCode.Forbidden, Read, typeof(SagaUnauthorizedException)),
            (HttpStatusCode.NotFound, Read, typeof(SagaNotFoundException)),
            (HttpStatusCode.NotFound, Start, typeof(UnknownSagaTypeException)),
            (HttpStatusCode.Conflict, Start, typeof(SagaExistsException)),
            (HttpStatusCode.Conflict, Cancel, typeof(SagaNotPossibleException)),
            (HttpStatusCode.UnprocessableEntity, Cancel, typeof(IdempotencyKeyReusedException)),
            (HttpStatusCode.InternalServerError, Cancel, typeof(SagaClientException)),
            (HttpStatusCode.NotFound, () => Some.ListAsync(_server.Client().ListAsync()), typeof(SagaClientException)),
        };
        foreach (var (status, call, type) in expected)
        {
            _server.Then(status, body, mediaType);
            var failure = (SagaClientException)await Assert.ThrowsAsync(type, call);
            Assert.Equal(status, failure.Status);
            Assert.Contains("SagaClientOptions.Address", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Redirect_IsNotFollowedAndNamesTheFix()
    {
        var answer = new HttpResponseMessage(HttpStatusCode.MovedPermanently);
        answer.Headers.Location = new Uri("https://sagas.test/");
        _server.Then(answer);
        var failure = await Assert.ThrowsAsync<SagaClientException>(Read);
        Assert.Contains("redirects to https://sagas.test/: set SagaClientOptions.Address", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"id\":5,\"type\":\"order\",\"version\":1,\"status\":\"Running\"}")]
    [InlineData("{\"id\":\"a b\",\"type\":\"order\",\"version\":1,\"status\":\"Running\"}")]
    [InlineData("{\"id\":\"s1\",\"type\":\"order\",\"version\":1,\"status\":\"Flying\"}")]
    public async Task SuccessWithGarbage_SaysThatItWasNotUnderstood(string body)
    {
        _server.Then(HttpStatusCode.OK, body).Then(HttpStatusCode.OK, body);

        var read = await Assert.ThrowsAsync<SagaClientException>(Read);
        Assert.Contains("was not understood", read.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("request id", read.Message, StringComparison.Ordinal);

        var start = await Assert.ThrowsAsync<SagaClientException>(Start);
        Assert.Contains("same request id is safe", start.Message, StringComparison.Ordinal);
        Assert.Equal("r1", start.RequestId);
    }

    [Fact]
    public async Task AnswerThatIsTooLarge_IsNotReadAndNamesTheSetting()
    {
        _server.Then(HttpStatusCode.OK, new string(' ', 2000));
        var saga = _server.Client(options => options.MaxResponseSize = 1024).Get(new SagaId("s1"));
        var failure = await Assert.ThrowsAsync<SagaClientException>(() => saga.GetAsync());
        Assert.Contains("more than 1,024 bytes: raise SagaClientOptions.MaxResponseSize", failure.Message, StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }
}
