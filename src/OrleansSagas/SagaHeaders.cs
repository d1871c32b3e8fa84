using System.Collections.Immutable;
using System.Text;

namespace OrleansSagas;

/// <summary>
/// What a saga was given at its start beside its data, and has in every step: who it is for, say, or in which language. In ordinal order of
/// the names.
/// </summary>
internal static class SagaHeaders
{
    /// <summary>How many bytes of UTF-8 the names and values of one saga have at most, together.</summary>
    public const int MaxBytes = 8 * 1024;

    /// <summary>How many one saga has at most: every call of a grain carries them.</summary>
    public const int MaxCount = 64;

    /// <summary>How many characters a name has at most.</summary>
    public const int MaxName = 128;

    /// <summary>No headers.</summary>
    public static readonly ImmutableSortedDictionary<string, string> None = ImmutableSortedDictionary.Create<string, string>(
        StringComparer.Ordinal
    );

    private static readonly UTF8Encoding Unicode = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A copy that nobody changes any more.</summary>
    public static ImmutableSortedDictionary<string, string> Of(IEnumerable<KeyValuePair<string, string>>? headers) =>
        headers switch
        {
            null => None,
            ImmutableSortedDictionary<string, string> sorted when ReferenceEquals(sorted.KeyComparer, StringComparer.Ordinal) => sorted,
            _ => None.AddRange(headers),
        };

    /// <summary>What is wrong with <paramref name="headers"/>, without their values; null where nothing is.</summary>
    public static string? FindFault(IEnumerable<KeyValuePair<string, string>> headers)
    {
        var (count, bytes) = (0, 0);
        foreach (var (name, value) in headers)
        {
            if (++count > MaxCount)
                return $"There are more than {MaxCount} headers.";
            if (!IsName(name))
                return $"A header's name has 1 to {MaxName} characters of A-Z a-z 0-9 . _ - .";
            if (value is null)
                return $"The header '{name}' has no value.";
            if (BytesOf(value) is not { } length)
                return $"The header '{name}' has text that is not Unicode: half a surrogate pair.";
            bytes += name.Length + length;
            if (bytes > MaxBytes)
                return $"The headers have {bytes:N0} bytes or more; at most {MaxBytes:N0} are allowed.";
        }

        return null;
    }

    /// <summary>Whether both say the same.</summary>
    public static bool AreEqual(ImmutableSortedDictionary<string, string> one, ImmutableSortedDictionary<string, string> other) =>
        ReferenceEquals(one, other) || one.SequenceEqual(other);

    private static int? BytesOf(string value)
    {
        try
        {
            return Unicode.GetByteCount(value);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxName && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
