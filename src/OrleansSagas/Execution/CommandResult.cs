using System.Text.Json.Serialization;
using OrleansSagas.Decisions;
using OrleansSagas.Storage;

namespace OrleansSagas.Execution;

/// <summary>
/// What a saga's process answers to a call: a closed list, each with the name under which it travels. Names are only ever added.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "result")]
[JsonDerivedType(typeof(Taken), "taken")]
[JsonDerivedType(typeof(Repeated), "repeated")]
[JsonDerivedType(typeof(Refused), "refused")]
[JsonDerivedType(typeof(Unavailable), "unavailable")]
[JsonDerivedType(typeof(Moved), "moved")]
[JsonDerivedType(typeof(Elsewhere), "elsewhere")]
[JsonDerivedType(typeof(Overloaded), "overloaded")]
internal abstract record CommandResult
{
    private CommandResult() { }

    /// <summary>The input was taken and is durable.</summary>
    /// <param name="View">The saga after it; null where the caller did not want it, or reads it itself.</param>
    public sealed record Taken(SagaView? View = null) : CommandResult;

    /// <summary>The request id came before.</summary>
    public sealed record Repeated(StoredRequest Earlier) : CommandResult;

    /// <summary>The input does not fit; nothing was written.</summary>
    public sealed record Refused(RejectionKind Kind, string Message) : CommandResult;

    /// <summary>The store does not answer, or the engine stops: repeat with the same request id.</summary>
    public sealed record Unavailable(string Message) : CommandResult;

    /// <summary>
    /// The process that was asked has closed meanwhile, and did nothing: the dispatcher asks again, and never answers this.
    /// </summary>
    /// <param name="Leaving">The silo that was asked, where that is stopping and takes no saga any more; null otherwise.</param>
    public sealed record Moved(string? Leaving = null) : CommandResult;

    /// <summary>
    /// What the saga needs is not where it was asked, but is elsewhere; nothing was done. The dispatcher asks again there, and never
    /// answers this.
    /// </summary>
    public sealed record Elsewhere(SagaNeeds Needs) : CommandResult;

    /// <summary>Too much is under way; nothing was written.</summary>
    public sealed record Overloaded(string Message) : CommandResult;
}
