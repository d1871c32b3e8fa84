using System.Net;

namespace OrleansSagas.Client;

/// <summary>Makes the typed exception of an answer, or of none.</summary>
internal static class SagaFailures
{
    private const string Repeat = "Whether it was done is not known; repeating it with the same request id is safe.";
    private const string CheckAddress =
        "Check that SagaClientOptions.Address points at a saga server and nothing between changes its answers.";

    public static async ValueTask<SagaClientException> ReadAsync(
        SagaCall call,
        HttpResponseMessage answer,
        CancellationToken cancellationToken
    )
    {
        var problem = await Problem.ReadAsync(answer.Content, cancellationToken);
        var known = KindOf(problem.Type);
        var kind = known ?? KindOf(answer.StatusCode, call.Kind);
        var said = problem.Detail ?? problem.Title ?? $"the server answered {(int)answer.StatusCode} and did not say why";
        var message = $"Could not {call.Purpose}: {said.TrimEnd('.')}. {Advice(kind, call)}";
        if (known is null)
            message +=
                answer.Headers.Location is { } elsewhere && (int)answer.StatusCode is >= 300 and < 400
                    ? $" The server redirects to {elsewhere}: set SagaClientOptions.Address to where it leads."
                    : $" The answer's problem type is none that a saga server has. {CheckAddress}";
        return Make(kind, message.TrimEnd(), null, call, answer.StatusCode, problem);
    }

    public static SagaClientException NotUnderstood(SagaCall call, HttpResponseMessage answer, Exception? garbage) =>
        Make(
            FailureKind.Other,
            $"The answer to the call to {call.Purpose}, status {(int)answer.StatusCode}, was not understood. {CheckAddress}"
                + (call.RequestId is null ? "" : $" {Repeat}"),
            garbage,
            call,
            answer.StatusCode,
            default
        );

    public static SagaClientException TooLarge(SagaCall call, SagaClientOptions options, Exception? failure) =>
        Make(
            FailureKind.Other,
            $"The answer to the call to {call.Purpose} has more than {options.MaxResponseSize:N0} bytes: raise "
                + "SagaClientOptions.MaxResponseSize."
                + (call.RequestId is null ? "" : $" {Repeat}"),
            failure,
            call,
            null,
            default
        );

    public static SagaClientException Unavailable(SagaCall call, Uri address, Exception? failure) =>
        Make(
            FailureKind.Unavailable,
            $"Could not {call.Purpose}: no answer from {address}{(failure is null ? "" : $" ({failure.Message.TrimEnd('.')})")}. "
                + $"{Advice(FailureKind.Unavailable, call)}",
            failure,
            call,
            null,
            default
        );

    public static SagaClientException WatchBroken(SagaCall call, long last, Exception? failure) =>
        Make(
            FailureKind.Unavailable,
            $"Could not {call.Purpose}: its connection broke again and again "
                + $"({failure?.Message ?? "the server closed it with nothing said"}). Watch it again after revision {last}.",
            failure,
            call,
            null,
            default
        );

    private static FailureKind? KindOf(string? problemType) =>
        problemType switch
        {
            SagaProblems.InvalidRequest or SagaProblems.InvalidData or SagaProblems.TooLarge or SagaProblems.UnsupportedMediaType =>
                FailureKind.Invalid,
            SagaProblems.Unauthorized => FailureKind.Unauthorized,
            SagaProblems.UnknownType => FailureKind.UnknownType,
            SagaProblems.SagaNotFound => FailureKind.NotFound,
            SagaProblems.SagaExists => FailureKind.Exists,
            SagaProblems.NotPossible => FailureKind.NotPossible,
            SagaProblems.KeyReused => FailureKind.KeyReused,
            SagaProblems.Overloaded or SagaProblems.Unavailable => FailureKind.Unavailable,
            _ => null,
        };

    private static FailureKind KindOf(HttpStatusCode status, SagaCallKind call) =>
        (status, call) switch
        {
            (HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnsupportedMediaType, _) =>
                FailureKind.Invalid,
            (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, _) => FailureKind.Unauthorized,
            (HttpStatusCode.NotFound, SagaCallKind.Start) => FailureKind.UnknownType,
            (HttpStatusCode.NotFound, SagaCallKind.Read or SagaCallKind.Watch or SagaCallKind.Verb) => FailureKind.NotFound,
            (HttpStatusCode.Conflict, SagaCallKind.Start) => FailureKind.Exists,
            (HttpStatusCode.Conflict, SagaCallKind.Verb) => FailureKind.NotPossible,
            (HttpStatusCode.UnprocessableEntity, SagaCallKind.Start or SagaCallKind.Verb) => FailureKind.KeyReused,
            _ when SagaRetries.IsTransient(status) => FailureKind.Unavailable,
            _ => FailureKind.Other,
        };

    private static string Advice(FailureKind kind, SagaCall call) =>
        kind switch
        {
            FailureKind.NotFound => "Check the id, and that the saga was started on this server.",
            FailureKind.UnknownType => "Check the type and the version, and that they are defined on this server.",
            FailureKind.Exists => "Use another id, or get the saga that has it.",
            FailureKind.KeyReused => "Use a fresh request id for another request; repeat the first one unchanged.",
            FailureKind.NotPossible => "Look at the saga's status first.",
            FailureKind.Invalid => "Repeating it unchanged fails again.",
            FailureKind.Unauthorized => "Check SagaClientOptions.ApiKey.",
            FailureKind.Unavailable when call.RequestId is not null => Repeat,
            FailureKind.Unavailable => "Repeating it is safe.",
            _ => "",
        };

    private static SagaClientException Make(
        FailureKind kind,
        string message,
        Exception? inner,
        SagaCall call,
        HttpStatusCode? status,
        Problem problem
    )
    {
        var (saga, request) = (problem.Saga ?? call.Saga, call.RequestId);
        var (type, detail) = (problem.Type, problem.Detail);
        return kind switch
        {
            FailureKind.NotFound => new SagaNotFoundException(message, inner)
            {
                SagaId = saga,
                RequestId = request,
                Status = status,
                ProblemType = type,
                Detail = detail,
            },
            FailureKind.UnknownType => new UnknownSagaTypeException(message, inner)
            {
                SagaId = saga,
                RequestId = request,
                Status = status,
                ProblemType = type,
                Detail = detail,
            },
            FailureKind.Exists => new SagaExistsException(message, inner)
            {
                SagaId = saga,
                RequestId = request,
                Status = status,
                ProblemType = type,
                Detail = detail,
            },
            FailureKind.KeyReused => new IdempotencyKeyReusedException(message, inner)
            {
                SagaId = saga,
                RequestId = request,
                Status = status,
                ProblemType = type,
                Detail = detail,
            },
            FailureKind.NotPossible => new SagaNotPossibleException(message, inner)
            {
                SagaId = saga,
                RequestId = request,
                Status = status,
                ProblemType = type,
                Detail = detail,
            },
            FailureKind.Invalid => new InvalidSagaRequestException(message, inner)
            {
                SagaId = saga,
                RequestId = request,
                Status = status,
                ProblemType = type,
                Detail = detail,
            },
            FailureKind.Unauthorized => new SagaUnauthorizedException(message, inner)
            {
                SagaId = saga,
                RequestId = request,
                Status = status,
                ProblemType = type,
                Detail = detail,
            },
            FailureKind.Unavailable => new SagaUnavailableException(message, inner)
            {
                SagaId = saga,
                RequestId = request,
                Status = status,
                ProblemType = type,
                Detail = detail,
            },
            _ => new SagaClientException(message, inner)
            {
                SagaId = saga,
                RequestId = request,
                Status = status,
                ProblemType = type,
                Detail = detail,
            },
        };
    }

    private enum FailureKind
    {
        Other,
        NotFound,
        UnknownType,
        Exists,
        KeyReused,
        NotPossible,
        Invalid,
        Unauthorized,
        Unavailable,
    }
}
