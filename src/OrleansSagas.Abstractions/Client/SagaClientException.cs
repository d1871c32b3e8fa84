using System.Net;

namespace OrleansSagas;

/// <summary>
/// A call to the saga platform failed. The root of what <see cref="ISagaClient"/> throws; thrown itself where no leaf fits.
/// </summary>
public class SagaClientException : Exception
{
    /// <summary>Says what is wrong and what to do.</summary>
    public SagaClientException(string message, Exception? inner = null)
        : base(message, inner) { }

    /// <summary>The saga that the call was about; null where none is known.</summary>
    public SagaId? SagaId { get; init; }

    /// <summary>The request id that the call was sent with; null where it carried none. Repeating with it is safe.</summary>
    public string? RequestId { get; init; }

    /// <summary>The status code of the answer; null where none came.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>
    /// The type of the problem, one of <see cref="SagaProblems"/> where the platform itself answered; null where the answer named none.
    /// </summary>
    public string? ProblemType { get; init; }

    /// <summary>What the platform said was wrong, in words; null where it said nothing.</summary>
    public string? Detail { get; init; }
}
