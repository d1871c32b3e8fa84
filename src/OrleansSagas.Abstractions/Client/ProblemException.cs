namespace OrleansSagas;

/// <summary>The exception that a caller gets of a problem that the platform answered with.</summary>
internal static class ProblemException
{
    /// <summary>What is thrown at whoever asked for it.</summary>
    /// <param name="purpose">What was to be done, after "Could not".</param>
    /// <param name="problem">
    /// One of <see cref="SagaProblems"/>; one that is not known here, because another version named it, has no type of its own.
    /// </param>
    /// <param name="detail">Why, in words.</param>
    /// <param name="saga">The saga that it was about, where one was named.</param>
    /// <param name="requestId">The request's id.</param>
    public static SagaClientException Of(string purpose, string? problem, string? detail, SagaId? saga, string? requestId)
    {
        var message = $"Could not {purpose}: {detail}";
        return problem switch
        {
            SagaProblems.InvalidRequest or SagaProblems.InvalidData or SagaProblems.TooLarge => new InvalidSagaRequestException(message)
            {
                SagaId = saga,
                RequestId = requestId,
                ProblemType = problem,
                Detail = detail,
            },
            SagaProblems.UnknownType => new UnknownSagaTypeException(message)
            {
                SagaId = saga,
                RequestId = requestId,
                ProblemType = problem,
                Detail = detail,
            },
            SagaProblems.SagaNotFound => new SagaNotFoundException(message)
            {
                SagaId = saga,
                RequestId = requestId,
                ProblemType = problem,
                Detail = detail,
            },
            SagaProblems.SagaExists => new SagaExistsException(message)
            {
                SagaId = saga,
                RequestId = requestId,
                ProblemType = problem,
                Detail = detail,
            },
            SagaProblems.NotPossible => new SagaNotPossibleException(message)
            {
                SagaId = saga,
                RequestId = requestId,
                ProblemType = problem,
                Detail = detail,
            },
            SagaProblems.KeyReused => new IdempotencyKeyReusedException(message)
            {
                SagaId = saga,
                RequestId = requestId,
                ProblemType = problem,
                Detail = detail,
            },
            SagaProblems.Overloaded or SagaProblems.Unavailable => new SagaUnavailableException(message)
            {
                SagaId = saga,
                RequestId = requestId,
                ProblemType = problem,
                Detail = detail,
            },
            _ => new SagaClientException(message)
            {
                SagaId = saga,
                RequestId = requestId,
                ProblemType = problem,
                Detail = detail,
            },
        };
    }
}
