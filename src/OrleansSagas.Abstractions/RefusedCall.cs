using System.Net;

namespace OrleansSagas;

/// <summary>A call that was refused, and what the answer said of it.</summary>
/// <param name="Purpose">What was to be done, after "Could not".</param>
internal sealed record RefusedCall(string Purpose)
{
    public SagaId? Saga { get; init; }

    public string? RequestId { get; init; }

    /// <summary>The status code of the answer; null where none came, or not over HTTP.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>The problem's type as it was given, also where it is not known here.</summary>
    public string? Problem { get; init; }

    public string? Detail { get; init; }
}
