using System.Net;

namespace OrleansSagas;

/// <summary>
/// A call to the saga platform failed. The root of what <see cref="ISagaClient"/> throws; thrown itself where no leaf fits.
/// </summary>
public class SagaClientException : Exception
{
    private RefusedCall _call = new("");

    /// <summary>Says what is wrong and what to do.</summary>
    public SagaClientException(string message, Exception? inner = null)
        : base(message, inner) { }

    /// <summary>The saga that the call was about; null where none is known.</summary>
    public SagaId? SagaId
    {
        get => _call.Saga;
        init => _call = _call with { Saga = value };
    }

    /// <summary>The request id that the call was sent with; null where it carried none. Repeating with it is safe.</summary>
    public string? RequestId
    {
        get => _call.RequestId;
        init => _call = _call with { RequestId = value };
    }

    /// <summary>The status code of the answer; null where none came.</summary>
    public HttpStatusCode? Status
    {
        get => _call.Status;
        init => _call = _call with { Status = value };
    }

    /// <summary>
    /// The type of the problem, one of <see cref="SagaProblems"/> where the platform itself answered; null where the answer named none.
    /// </summary>
    public string? ProblemType
    {
        get => _call.Problem;
        init => _call = _call with { Problem = value };
    }

    /// <summary>What the platform said was wrong, in words; null where it said nothing.</summary>
    public string? Detail
    {
        get => _call.Detail;
        init => _call = _call with { Detail = value };
    }

    internal SagaClientException About(RefusedCall call)
    {
        _call = call;
        return this;
    }
}
