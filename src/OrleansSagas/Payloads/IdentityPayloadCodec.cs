namespace OrleansSagas.Payloads;

/// <summary>Stores the bytes as they are.</summary>
internal sealed class IdentityPayloadCodec : IPayloadCodec
{
    /// <inheritdoc />
    public Payload Encode(ReadOnlyMemory<byte> plain, string contentType) => new(plain, contentType);

    /// <inheritdoc />
    public ReadOnlyMemory<byte> Decode(Payload payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return payload.Codec == Payload.Identity
            ? payload.Bytes
            : throw new NotSupportedException($"This payload was stored with the codec '{payload.Codec}', which is not configured here.");
    }
}
