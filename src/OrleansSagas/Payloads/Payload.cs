namespace OrleansSagas.Payloads;

/// <summary>Opaque bytes of the user's, as they are stored: no query reads inside them.</summary>
/// <param name="Bytes">The bytes after the codec.</param>
/// <param name="ContentType">What the bytes were before the codec. Default: <c>application/json</c>.</param>
/// <param name="Codec">The id of the codec that made them. Default: <c>identity</c>.</param>
/// <param name="KeyId">The id of the key that the codec used; null for none.</param>
public sealed record Payload(
    ReadOnlyMemory<byte> Bytes,
    string ContentType = Payload.Json,
    string Codec = Payload.Identity,
    string? KeyId = null
)
{
    /// <summary>The content type of JSON.</summary>
    public const string Json = "application/json";

    /// <summary>The id of the codec that changes nothing.</summary>
    public const string Identity = "identity";

    /// <summary>Whether both hold the same bytes of the same kind.</summary>
    public bool Equals(Payload? other) =>
        other is not null
        && (ContentType, Codec, KeyId) == (other.ContentType, other.Codec, other.KeyId)
        && Bytes.Span.SequenceEqual(other.Bytes.Span);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Bytes.Span);
        return hash.ToHashCode();
    }
}
