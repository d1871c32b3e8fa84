namespace OrleansSagas;

/// <summary>The stable <c>type</c> of each problem (RFC 9457) that the front door answers with.</summary>
public static class SagaProblems
{
    /// <summary>400: the request is malformed: JSON, header, query or id.</summary>
    public const string InvalidRequest = "urn:orleanssagas:problem:invalid-request";

    /// <summary>400: the data does not fit the saga type's data.</summary>
    public const string InvalidData = "urn:orleanssagas:problem:invalid-data";

    /// <summary>401: the caller did not say who it is, or said it wrongly.</summary>
    public const string Unauthorized = "urn:orleanssagas:problem:unauthorized";

    /// <summary>404: no such saga type, or no such version of it, is defined here.</summary>
    public const string UnknownType = "urn:orleanssagas:problem:unknown-type";

    /// <summary>404: no saga has this id.</summary>
    public const string SagaNotFound = "urn:orleanssagas:problem:saga-not-found";

    /// <summary>409: a saga with this id exists already.</summary>
    public const string SagaExists = "urn:orleanssagas:problem:saga-exists";

    /// <summary>409: the saga's status does not allow this verb.</summary>
    public const string NotPossible = "urn:orleanssagas:problem:not-possible";

    /// <summary>413: the body, or one of its parts, is too large.</summary>
    public const string TooLarge = "urn:orleanssagas:problem:too-large";

    /// <summary>415: the body is not <c>application/json</c>.</summary>
    public const string UnsupportedMediaType = "urn:orleanssagas:problem:unsupported-media-type";

    /// <summary>422: the Idempotency-Key was used before with another request.</summary>
    public const string KeyReused = "urn:orleanssagas:problem:idempotency-key-reused";

    /// <summary>503 with Retry-After: too many sagas are being started; nothing was done.</summary>
    public const string Overloaded = "urn:orleanssagas:problem:overloaded";

    /// <summary>503 with Retry-After: the store does not answer or the silo is stopping. Repeat with the same Idempotency-Key.</summary>
    public const string Unavailable = "urn:orleanssagas:problem:unavailable";
}
