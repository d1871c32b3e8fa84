namespace OrleansSagas;

/// <summary>What an operator says with a verb: the body of cancel, terminate, pause, resume, retry, skip and resolve.</summary>
public sealed record OperatorRequest
{
    /// <summary>Who asks, at most 256 characters. Ignored where the caller is authenticated: then it is that name.</summary>
    public string? Actor { get; init; }

    /// <summary>Why, at most 2,000 characters; kept in the history. Required by skip and resolve.</summary>
    public string? Reason { get; init; }

    /// <summary>The path of the step that retry, skip and resolve act on. Default: the one that is stuck.</summary>
    public string? Step { get; init; }
}
