using OrleansSagas.Payloads;

namespace OrleansSagas.Storage;

/// <summary>The columns of an entry in the order in which they are read, and what stands in them for what most entries have.</summary>
internal static class HistoryColumns
{
    internal const string All =
        "revision, name, format, at, commit_id, actor, causation_id, trace_parent, content_type, codec, key_id, body, data";

    internal static StoredEntry Read<TRow>(TRow row)
        where TRow : struct, IResultRow =>
        new()
        {
            Revision = row.Int64(0),
            Name = row.Text(1),
            Format = row.Int32(2),
            At = row.Time(3),
            Commit = new CommitId(row.Int64(4)),
            Actor = row.TextOrNull(5),
            CausationId = row.TextOrNull(6),
            TraceParent = row.TextOrNull(7),
            Body = row.Bytes(11),
            Data = row.IsNull(12)
                ? null
                : new Payload(row.Bytes(12), row.TextOrNull(8) ?? Payload.Json, row.TextOrNull(9) ?? Payload.Identity, row.TextOrNull(10)),
        };

    /// <summary>The content type as it is stored.</summary>
    internal static string? ContentType(Payload? data) => data is { ContentType: not Payload.Json } ? data.ContentType : null;

    /// <summary>The codec as it is stored.</summary>
    internal static string? Codec(Payload? data) => data is { Codec: not Payload.Identity } ? data.Codec : null;
}
