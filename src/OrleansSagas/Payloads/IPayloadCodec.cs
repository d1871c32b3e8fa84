namespace OrleansSagas.Payloads;

/// <summary>Turns the user's bytes into what is stored and back: identity today, encryption later.</summary>
public interface IPayloadCodec
{
    /// <summary>Makes what is stored.</summary>
    Payload Encode(ReadOnlyMemory<byte> plain, string contentType);

    /// <summary>Reads what was stored.</summary>
    /// <exception cref="NotSupportedException">The payload was made by a codec that this one does not know.</exception>
    ReadOnlyMemory<byte> Decode(Payload payload);
}
