using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using OrleansSagas.Decisions;
using OrleansSagas.Payloads;
using OrleansSagas.Storage;

namespace OrleansSagas.History;

/// <summary>How one kind of event is stored.</summary>
/// <param name="name">The stable name of its entries.</param>
/// <param name="clrType">The event's type in code, which may be renamed.</param>
/// <param name="format">The version of its body that is written; earlier ones are read.</param>
internal abstract class EventType(string name, Type clrType, int format)
{
    public string Name => name;

    public Type ClrType => clrType;

    public int Format => format;

    public abstract byte[] WriteBody(SagaEvent what);

    /// <summary>What of an event is stored beside its body; null for nothing.</summary>
    public abstract Payload? DataOf(SagaEvent what);

    /// <summary>Reads an entry of this name.</summary>
    /// <exception cref="JsonException">The body does not fit.</exception>
    /// <exception cref="FormatException">The body fits, and a value of it does not.</exception>
    public abstract SagaEvent Read(SagaKey saga, StoredEntry entry);
}

/// <summary>How one kind of event is stored.</summary>
internal sealed class EventType<TEvent, TBody> : EventType
    where TEvent : SagaEvent
    where TBody : class
{
    private readonly Upcast[] _upcasts;

    /// <param name="name">The stable name of its entries.</param>
    /// <param name="upcasts">For each earlier version of the body, the oldest first, what makes the next one of it.</param>
    public EventType(string name, params Upcast[] upcasts)
        : base(name, typeof(TEvent), upcasts.Length + 1) => _upcasts = upcasts;

    public required JsonTypeInfo<TBody> Json { get; init; }

    /// <summary>The body of an event.</summary>
    public required Func<TEvent, TBody> Body { get; init; }

    /// <summary>The event of a body.</summary>
    public required Func<TBody, StoredEntry, SagaKey, TEvent> Event { get; init; }

    /// <summary>What is stored beside the body. Default: nothing.</summary>
    public Func<TEvent, Payload?> Data { get; init; } = static _ => null;

    public override byte[] WriteBody(SagaEvent what) => JsonSerializer.SerializeToUtf8Bytes(Body((TEvent)what), Json);

    public override Payload? DataOf(SagaEvent what) => Data((TEvent)what);

    public override SagaEvent Read(SagaKey saga, StoredEntry entry)
    {
        var json = entry.Body.IsEmpty ? "{}"u8 : entry.Body.Span;
        var body =
            entry.Format == Format ? JsonSerializer.Deserialize(json, Json) : JsonSerializer.Deserialize(Upcasted(json, entry), Json);
        return Event(body ?? throw new FormatException("The body is null."), entry, saga);
    }

    private JsonObject Upcasted(ReadOnlySpan<byte> json, StoredEntry entry)
    {
        var body = JsonSerializer.Deserialize(json, EventBodyContext.Default.JsonObject) ?? throw new FormatException("The body is null.");
        foreach (var upcast in _upcasts.AsSpan(entry.Format - 1))
            body = upcast(body);
        return body;
    }
}

/// <summary>Makes of a body the one of the next version.</summary>
internal delegate JsonObject Upcast(JsonObject body);
