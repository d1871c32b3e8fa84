using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Testing;

/// <summary>One saga as a store in memory holds it.</summary>
internal sealed class MemorySaga(SagaKey key, long number, SagaIdentity identity, SagaRow row)
{
    public SagaKey Key { get; } = key;

    public long Number { get; } = number;

    public SagaIdentity Identity { get; } = identity;

    public SagaRow Row { get; set; } = row;

    public List<StoredEntry> Entries { get; } = [];

    public PlanIdentity Plan => new(Identity.Type, Identity.Version, Identity.Fingerprint);

    /// <summary>When its requests may be forgotten; null while it runs.</summary>
    public DateTimeOffset? RequestsExpireAt => Row.EndedAt + StoredRequest.Retention;

    public IReadOnlyList<StoredEntry> After(long revision, int limit)
    {
        var from = (int)Math.Min(revision, Entries.Count);
        return Entries.GetRange(from, Math.Min(limit, Entries.Count - from));
    }

    public bool Meets(SagaQuery query) =>
        query.Namespace == Key.Namespace
        && (query.Type is null || query.Type == Identity.Type)
        && (query.Status is null || query.Status == Row.Status)
        && (query.CorrelationId is null || query.CorrelationId == Identity.CorrelationId)
        && (query.StartedFrom is null || Identity.StartedAt >= query.StartedFrom)
        && (query.StartedBefore is null || Identity.StartedAt < query.StartedBefore)
        && query.Tags.All(Row.Tags.Contains);
}
