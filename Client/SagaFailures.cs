using System.Net;

namespace OrleansSagas.Client;

/// <summary>Makes the typed exception of an answer, or of none.</summary>
internal static class SagaFailures
{
    private const string CheckAddress =
        "Check that SagaClientOptions.Address points at a saga server and nothing between changes its answers.";

    public static async ValueTask<SagaClientException> ReadAsync(
        SagaCall call,
        HttpResponseMessage answer,
        CancellationToken cancellationToken
    )
    {
        var problem = await Problem.ReadAsync(answer.Content, cancellationToken);
        var about = About(call, answer) with { Saga = problem.Saga ?? call.Saga, Problem = problem.Type, Detail = problem.Detail };
        var why = problem.Detail ?? problem.Title ?? $"the server answered {(int)answer.StatusCode} and did not say why";
        if (Refusal.OfProblem(problem.Type) is var known && known != Refusal.Unknown)
            return known.ToException(about, why);

        var refusal = KindOf(answer.StatusCode, call.Kind) is { } kind ? Refusal.Of(kind) : Refusal.Unknown;
        return refusal.ToException(
            about,
            why,
            answer.Headers.Location is { } elsewhere && (int)answer.StatusCode is >= 300 and < 400
                ? $"The server redirects to {elsewhere}: set SagaClientOptions.Address to where it leads."
                : $"The answer's problem type is none that a saga server has. {CheckAddress}"
        );
    }

    public static SagaClientException NotUnderstood(SagaCall call, HttpResponseMessage answer, Exception? garbage) =>
        Refusal.Unknown.ToException(
            $"The answer to the call to {call.Purpose}, status {(int)answer.StatusCode}, was not understood. {CheckAddress}{Repeat(call)}",
            About(call, answer),
            garbage
        );

    public static SagaClientException TooLarge(SagaCall call, SagaClientOptions options, Exception? failure) =>
        Refusal.Unknown.ToException(
            $"The answer to the call to {call.Purpose} has more than {options.MaxResponseSize:N0} bytes: raise "
                + $"SagaClientOptions.MaxResponseSize.{Repeat(call)}",
            About(call),
            failure
        );

    public static SagaClientException Unavailable(SagaCall call, Uri address, Exception? failure) =>
        Refusal
            .Of(SagaRefusal.Unavailable)
            .ToException(
                About(call),
                $"no answer from {address}{(failure is null ? "" : $" ({failure.Message.TrimEnd('.')})")}",
                inner: failure
            );

    public static SagaClientException WatchBroken(SagaCall call, long last, Exception? failure) =>
        Refusal
            .Of(SagaRefusal.Unavailable)
            .ToException(
                $"Could not {call.Purpose}: its connection broke again and again "
                    + $"({failure?.Message ?? "the server closed it with nothing said"}). Watch it again after revision {last}.",
                About(call),
                failure
            );

    private static RefusedCall About(SagaCall call, HttpResponseMessage? answer = null) =>
        new(call.Purpose)
        {
            Saga = call.Saga,
            RequestId = call.RequestId,
            Status = answer?.StatusCode,
        };

    private static string Repeat(SagaCall call) => call.RequestId is null ? "" : $" {Refusal.Repeat}";

    /// <summary>What an answer that is no problem of a saga server most likely means.</summary>
    private static SagaRefusal? KindOf(HttpStatusCode status, SagaCallKind call) =>
        (status, call) switch
        {
            (HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnsupportedMediaType, _) =>
                SagaRefusal.InvalidRequest,
            (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, _) => SagaRefusal.Unauthorized,
            (HttpStatusCode.NotFound, SagaCallKind.Start) => SagaRefusal.UnknownType,
            (HttpStatusCode.NotFound, SagaCallKind.Read or SagaCallKind.Watch or SagaCallKind.Verb) => SagaRefusal.SagaNotFound,
            (HttpStatusCode.Conflict, SagaCallKind.Start) => SagaRefusal.SagaExists,
            (HttpStatusCode.Conflict, SagaCallKind.Verb) => SagaRefusal.NotPossible,
            (HttpStatusCode.UnprocessableEntity, SagaCallKind.Start or SagaCallKind.Verb) => SagaRefusal.RequestIdReused,
            _ when SagaRetries.IsTransient(status) => SagaRefusal.Unavailable,
            _ => null,
        };
}
