namespace OrleansSagas;

/// <summary>
/// The table of refusals: what each kind is called over HTTP, which exception a caller gets of it, and what the caller can do.
/// </summary>
internal sealed record Refusal
{
    /// <summary>What is said of a call that may have been done.</summary>
    public const string Repeat = "Whether it was done is not known; repeating it with the same request id is safe.";

    private const string Unchanged = "Repeating it unchanged fails again.";

    public static IReadOnlyList<Refusal> All { get; } =
    [
        new(SagaRefusal.InvalidRequest, SagaProblems.InvalidRequest, 400, "The request is malformed")
        {
            Advice = Unchanged,
            Make = static (message, inner) => new InvalidSagaRequestException(message, inner),
        },
        new(SagaRefusal.InvalidData, SagaProblems.InvalidData, 400, "The data does not fit the saga type")
        {
            Advice = Unchanged,
            Make = static (message, inner) => new InvalidSagaRequestException(message, inner),
        },
        new(SagaRefusal.Unauthorized, SagaProblems.Unauthorized, 401, "Not authorized")
        {
            Advice = "Check SagaClientOptions.ApiKey.",
            Make = static (message, inner) => new SagaUnauthorizedException(message, inner),
        },
        new(SagaRefusal.UnknownType, SagaProblems.UnknownType, 404, "No such saga type")
        {
            Advice = "Check the type and the version, and that they are defined on this server.",
            Make = static (message, inner) => new UnknownSagaTypeException(message, inner),
        },
        new(SagaRefusal.SagaNotFound, SagaProblems.SagaNotFound, 404, "No such saga")
        {
            Advice = "Check the id, and that the saga was started on this server.",
            Make = static (message, inner) => new SagaNotFoundException(message, inner),
        },
        new(SagaRefusal.SagaExists, SagaProblems.SagaExists, 409, "The saga exists already")
        {
            Advice = "Use another id, or get the saga that has it.",
            Make = static (message, inner) => new SagaExistsException(message, inner),
        },
        new(SagaRefusal.NotPossible, SagaProblems.NotPossible, 409, "The saga's status does not allow it")
        {
            Advice = "Look at the saga's status first.",
            Make = static (message, inner) => new SagaNotPossibleException(message, inner),
        },
        new(SagaRefusal.TooLarge, SagaProblems.TooLarge, 413, "The body is too large")
        {
            Advice = Unchanged,
            Make = static (message, inner) => new InvalidSagaRequestException(message, inner),
        },
        new(SagaRefusal.UnsupportedMediaType, SagaProblems.UnsupportedMediaType, 415, "The body is not application/json")
        {
            Advice = Unchanged,
            Make = static (message, inner) => new InvalidSagaRequestException(message, inner),
        },
        new(SagaRefusal.RequestIdReused, SagaProblems.KeyReused, 422, "The Idempotency-Key was used for something else")
        {
            Advice = "Use a fresh request id for another request; repeat the first one unchanged.",
            Make = static (message, inner) => new IdempotencyKeyReusedException(message, inner),
        },
        new(SagaRefusal.Overloaded, SagaProblems.Overloaded, 503, "Too many sagas are being started")
        {
            IsTransient = true,
            Make = static (message, inner) => new SagaUnavailableException(message, inner),
        },
        new(SagaRefusal.Unavailable, SagaProblems.Unavailable, 503, "Not available now")
        {
            IsTransient = true,
            Make = static (message, inner) => new SagaUnavailableException(message, inner),
        },
    ];

    /// <summary>
    /// A problem that is not in the table, because another version named it, or an answer that no saga server gave: its exception has no
    /// type of its own.
    /// </summary>
    public static Refusal Unknown { get; } =
        new(null, "", 0, "") { Make = static (message, inner) => new SagaClientException(message, inner) };

    private Refusal(SagaRefusal? kind, string problem, int status, string title) =>
        (Kind, Problem, Status, Title) = (kind, problem, status, title);

    /// <summary>Null for <see cref="Unknown"/>.</summary>
    public SagaRefusal? Kind { get; }

    /// <summary>One of <see cref="SagaProblems"/>.</summary>
    public string Problem { get; }

    public int Status { get; }

    public string Title { get; }

    /// <summary>Whether repeating it unchanged may help.</summary>
    public bool IsTransient { get; private init; }

    private string Advice { get; init; } = "";

    private Func<string, Exception?, SagaClientException> Make { get; init; } = null!;

    public static Refusal Of(SagaRefusal kind)
    {
        foreach (var refusal in All)
            if (refusal.Kind == kind)
                return refusal;
        throw new ArgumentOutOfRangeException(nameof(kind), kind, "This refusal has no row yet: add it to the table.");
    }

    /// <summary>The refusal of one of <see cref="SagaProblems"/>; <see cref="Unknown"/> for any other text.</summary>
    public static Refusal OfProblem(string? problem)
    {
        foreach (var refusal in All)
            if (refusal.Problem == problem)
                return refusal;
        return Unknown;
    }

    /// <summary>What is thrown at whoever asked for it.</summary>
    /// <param name="call">What was asked for, and what was answered.</param>
    /// <param name="why">Why it was refused, in words; null for what the answer said.</param>
    /// <param name="more">What is to be said after the advice.</param>
    /// <param name="inner">What it came of.</param>
    public SagaClientException ToException(RefusedCall call, string? why = null, string more = "", Exception? inner = null)
    {
        var advice =
            !IsTransient ? Advice
            : call.RequestId is null ? "Repeating it is safe."
            : Repeat;
        return Make($"Could not {call.Purpose}: {(why ?? call.Detail)?.TrimEnd('.')}. {advice} {more}".TrimEnd(), inner).About(call);
    }

    /// <summary>The same, of a message that says everything.</summary>
    public SagaClientException ToException(string message, RefusedCall call, Exception? inner) => Make(message, inner).About(call);
}
