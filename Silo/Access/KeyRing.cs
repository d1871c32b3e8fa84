using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;

namespace OrleansSagas.Silo.Access;

/// <summary>Finds who calls by the key that they send.</summary>
internal sealed class KeyRing(IReadOnlyList<AccessKey> keys)
{
    private const string Bearer = "Bearer ";
    private const string Basic = "Basic ";
    private const int MaxBasic = 1_024;

    private readonly (byte[] Hash, ClaimsPrincipal Caller)[] _callers =
    [
        .. keys.Select(key =>
            (
                SHA256.HashData(Encoding.UTF8.GetBytes(key.Key)),
                new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, key.Name)], authenticationType: "ApiKey"))
            )
        ),
    ];

    /// <summary>
    /// Whether a browser sends the key by itself, once it was typed in, and so also where a page of another origin makes it call.
    /// </summary>
    public static bool IsOfABrowser(string? authorization) => authorization?.StartsWith(Basic, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>
    /// The caller that an <c>Authorization</c> header names: by a key, or by a browser's password that is one, under whatever user name.
    /// Null for none. How long it takes tells nothing of the keys.
    /// </summary>
    public ClaimsPrincipal? Find(string? authorization) =>
        IsOfABrowser(authorization) ? FindPassword(authorization.AsSpan(Basic.Length).Trim(' '))
        : authorization?.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) == true
            ? FindKey(authorization.AsSpan(Bearer.Length).Trim(' '))
        : null;

    private ClaimsPrincipal? FindPassword(ReadOnlySpan<char> basic)
    {
        Span<byte> bytes = stackalloc byte[MaxBasic];
        if (!Convert.TryFromBase64Chars(basic, bytes, out var length) || bytes[..length].IndexOf((byte)':') is var colon && colon < 0)
            return null;
        return FindKey(Encoding.UTF8.GetString(bytes[(colon + 1)..length]));
    }

    private ClaimsPrincipal? FindKey(ReadOnlySpan<char> key)
    {
        if (key.Length > AccessKey.MaxKeyLength)
            return null;

        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetMaxByteCount(AccessKey.MaxKeyLength)];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(key, bytes)], hash);
        ClaimsPrincipal? found = null;
        foreach (var (known, caller) in _callers)
        {
            if (CryptographicOperations.FixedTimeEquals(known, hash))
                found = caller;
        }
        return found;
    }
}
