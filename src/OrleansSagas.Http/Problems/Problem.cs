using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace OrleansSagas.Http.Problems;

/// <summary>What is said over HTTP of each refusal; the table of <see cref="Refusal"/> has its status, type and title.</summary>
internal static class Problem
{
    public const string Blank = "about:blank";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    public static SagaProblem InvalidRequest(string detail) => Refused(SagaRefusal.InvalidRequest, detail);

    public static SagaProblem TooLarge(int limit) =>
        Refused(
            SagaRefusal.TooLarge,
            $"The body has more than the {limit} bytes allowed here. Keep large data elsewhere and pass a reference to it."
        );

    public static SagaProblem UnsupportedMediaType(string? contentType) =>
        Refused(
            SagaRefusal.UnsupportedMediaType,
            string.IsNullOrEmpty(contentType)
                ? "The request has no Content-Type. Send JSON in UTF-8 with Content-Type: application/json."
                : $"The Content-Type is '{Shown(contentType)}'. Send JSON in UTF-8 with Content-Type: application/json."
        );

    public static SagaProblem UnsupportedEncoding(string coding) =>
        Refused(SagaRefusal.UnsupportedMediaType, $"The Content-Encoding is '{Shown(coding)}'. Send the body as it is, without one.");

    public static SagaProblem UnknownType(string type) =>
        Refused(SagaRefusal.UnknownType, $"No saga type '{Shown(type)}' is defined here.", sagaType: Shown(type));

    public static SagaProblem SagaNotFound(SagaId id) => Refused(SagaRefusal.SagaNotFound, $"No saga has the id '{id}'.", sagaId: id.Value);

    public static SagaProblem BadId(string? id) =>
        InvalidRequest(
            $"A saga id has 1 to {OrleansSagas.SagaId.MaxLength} characters of A-Z a-z 0-9 . _ : - ; "
                + (
                    id is { Length: > OrleansSagas.SagaId.MaxLength }
                        ? $"this one has {id.Length} characters."
                        : $"'{Shown(id ?? "")}' is none."
                )
        );

    public static SagaProblem Overloaded(string title, string detail) => Refused(SagaRefusal.Overloaded, detail, title: title);

    public static SagaProblem Unavailable(string detail) => Refused(SagaRefusal.Unavailable, detail);

    public static SagaProblem Internal(string? traceId) =>
        new(
            StatusCodes.Status500InternalServerError,
            Blank,
            ReasonPhrases.GetReasonPhrase(500),
            "Something failed here that should not have. The log has it under the trace id."
        )
        {
            TraceId = traceId,
        };

    public static SagaProblem Refused(SagaResult.Refused refused, string? sagaId, string? sagaType = null) =>
        Refused(refused.Refusal, refused.Detail, refused.RetryAfter, sagaId, sagaType);

    public static SagaProblem Refused(
        SagaRefusal kind,
        string detail,
        TimeSpan? retryAfter = null,
        string? sagaId = null,
        string? sagaType = null,
        string? title = null
    )
    {
        var refusal = Refusal.Of(kind);
        return new(refusal.Status, refusal.Problem, title ?? refusal.Title, detail)
        {
            RetryAfter = refusal.IsTransient ? retryAfter ?? Soon : null,
            SagaId = sagaId,
            SagaType = sagaType,
        };
    }

    /// <summary>What the framework refused by throwing.</summary>
    public static SagaProblem OfBadRequest(BadHttpRequestException bad, HttpRequest request)
    {
        if (bad.StatusCode == StatusCodes.Status400BadRequest)
            return InvalidRequest(bad.Message);
        if (bad.StatusCode == StatusCodes.Status408RequestTimeout)
            return TooSlow();
        var problem = OfStatus(bad.StatusCode, request.Method, request.Path);
        if (bad.StatusCode != StatusCodes.Status413PayloadTooLarge)
            problem.Detail = bad.Message;
        return problem;
    }

    public static SagaProblem TooSlow() =>
        Plain(StatusCodes.Status408RequestTimeout, "The body came too slowly. Send it faster, or less of it.");

    /// <summary>What the framework refused by a bare status code.</summary>
    public static SagaProblem OfStatus(int status, string method, string path) =>
        status switch
        {
            400 => InvalidRequest("The request could not be read."),
            401 => Refused(SagaRefusal.Unauthorized, "Send Authorization: Bearer with a key that is configured here."),
            404 => Plain(404, $"There is nothing at {Shown(path)}. /openapi/v1.json lists what there is."),
            405 => Plain(405, $"{Shown(path)} does not take {Shown(method)}. The Allow header says what it takes."),
            413 => Refused(SagaRefusal.TooLarge, "The body is larger than what is allowed here."),
            415 => Refused(SagaRefusal.UnsupportedMediaType, "Send JSON in UTF-8 with Content-Type: application/json."),
            503 => Unavailable("Not available now. Try again."),
            _ => Plain(status, $"{Shown(method)} {Shown(path)} was answered with {status}."),
        };

    /// <summary>A value of the caller's, cut to what a person reads.</summary>
    public static string Shown(string value) => value.Length <= 100 ? value : $"{value.AsSpan(0, 100)}... ({value.Length} characters)";

    private static SagaProblem Plain(int status, string detail)
    {
        var phrase = ReasonPhrases.GetReasonPhrase(status);
        return new(status, Blank, phrase.Length > 0 ? phrase : "Refused", detail);
    }
}
