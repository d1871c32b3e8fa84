using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace OrleansSagas;

/// <summary>A JSON value kept as the UTF-8 bytes that were sent or stored, so that passing it on costs no parsing.</summary>
[JsonConverter(typeof(SagaDataJsonConverter))]
public readonly struct SagaData : IEquatable<SagaData>
{
    /// <summary>Takes <paramref name="utf8Json"/>, one well-formed JSON value.</summary>
    public SagaData(ReadOnlyMemory<byte> utf8Json) => Utf8Json = utf8Json;

    /// <summary>The JSON value in UTF-8.</summary>
    public ReadOnlyMemory<byte> Utf8Json { get; }

    /// <summary>Reads the value as <typeparamref name="T"/> with web defaults (camel case, case-insensitive).</summary>
    /// <exception cref="JsonException">The value does not fit <typeparamref name="T"/>.</exception>
    public T? As<T>() => JsonSerializer.Deserialize<T>(Utf8Json.Span, JsonSerializerOptions.Web);

    /// <summary>Reads the value as <typeparamref name="T"/> with the given type information.</summary>
    /// <exception cref="JsonException">The value does not fit <typeparamref name="T"/>.</exception>
    public T? As<T>(JsonTypeInfo<T> type) => JsonSerializer.Deserialize(Utf8Json.Span, type);

    /// <summary>Reads the value as <typeparamref name="T"/> with the given options.</summary>
    /// <exception cref="JsonException">The value does not fit <typeparamref name="T"/>.</exception>
    public T? As<T>(JsonSerializerOptions options) => JsonSerializer.Deserialize<T>(Utf8Json.Span, options);

    /// <summary>Writes <paramref name="value"/> as JSON with web defaults.</summary>
    public static SagaData From<T>(T value) => new(JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Web));

    /// <inheritdoc />
    public bool Equals(SagaData other) => Utf8Json.Span.SequenceEqual(other.Utf8Json.Span);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is SagaData other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Utf8Json.Span);
        return hash.ToHashCode();
    }

    /// <summary>Whether both are the same bytes.</summary>
    public static bool operator ==(SagaData left, SagaData right) => left.Equals(right);

    /// <summary>Whether both are not the same bytes.</summary>
    public static bool operator !=(SagaData left, SagaData right) => !left.Equals(right);

    /// <summary>The JSON text.</summary>
    public override string ToString() => System.Text.Encoding.UTF8.GetString(Utf8Json.Span);
}
