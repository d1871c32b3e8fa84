namespace OrleansSagas;

/// <summary>Why a request was refused. Nothing was done, except where <see cref="Unavailable"/> says that nobody knows.</summary>
internal enum SagaRefusal
{
    /// <summary>Something in the request is malformed or too long.</summary>
    InvalidRequest,

    /// <summary>The data does not fit the saga type's data.</summary>
    InvalidData,

    /// <summary>The data is too large.</summary>
    TooLarge,

    /// <summary>The body is not JSON in UTF-8.</summary>
    UnsupportedMediaType,

    /// <summary>The caller did not say who it is, or said it wrongly.</summary>
    Unauthorized,

    /// <summary>No such type, or no such version of it, is defined here.</summary>
    UnknownType,

    /// <summary>No saga has this id.</summary>
    SagaNotFound,

    /// <summary>A saga with this id exists already.</summary>
    SagaExists,

    /// <summary>The saga's status does not allow it.</summary>
    NotPossible,

    /// <summary>The request id was used before for something else.</summary>
    RequestIdReused,

    /// <summary>Too many sagas are being started.</summary>
    Overloaded,

    /// <summary>The store does not answer, or the engine is stopping. Repeating with the same request id is safe.</summary>
    Unavailable,
}
