using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace OrleansSagas;

/// <summary>
/// The id of a saga: 1 to 128 characters of <c>A-Z a-z 0-9 . _ : -</c>, case-sensitive, ordered ordinally. Not <c>.</c> or <c>..</c>, which
/// no URL path can carry.
/// </summary>
[JsonConverter(typeof(SagaIdJsonConverter))]
public readonly record struct SagaId : IComparable<SagaId>
{
    /// <summary>The greatest length of an id, in characters.</summary>
    public const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"
    );

    private readonly string? _value;

    /// <summary>Takes <paramref name="value"/> as an id.</summary>
    /// <exception cref="ArgumentException">The value is empty, too long, or has a character that an id may not have.</exception>
    public SagaId(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!IsValid(value))
            throw new ArgumentException(
                $"A saga id has 1 to {MaxLength} characters of A-Z a-z 0-9 . _ : - ; this one has {value.Length} characters.",
                nameof(value)
            );
        _value = value;
    }

    /// <summary>The id as text.</summary>
    public string Value => _value ?? throw new InvalidOperationException("This saga id was never set.");

    /// <summary>Whether <paramref name="value"/> can be a saga id.</summary>
    public static bool IsValid([NotNullWhen(true)] string? value) =>
        value is { Length: > 0 and <= MaxLength } and not "." and not ".." && !value.AsSpan().ContainsAnyExcept(Allowed);

    /// <summary>Takes <paramref name="value"/> as an id if it can be one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? value, out SagaId id)
    {
        var valid = IsValid(value);
        id = valid ? new SagaId(value!) : default;
        return valid;
    }

    /// <inheritdoc />
    public int CompareTo(SagaId other) => string.CompareOrdinal(_value, other._value);

    /// <summary>Ordinal order.</summary>
    public static bool operator <(SagaId left, SagaId right) => left.CompareTo(right) < 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >(SagaId left, SagaId right) => left.CompareTo(right) > 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator <=(SagaId left, SagaId right) => left.CompareTo(right) <= 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >=(SagaId left, SagaId right) => left.CompareTo(right) >= 0;

    /// <inheritdoc />
    public override string ToString() => _value ?? "";
}
