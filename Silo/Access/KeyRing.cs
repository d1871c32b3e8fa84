using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;

namespace OrleansSagas.Silo.Access;

/// <summary>Finds who calls by the key that they send.</summary>
internal sealed class KeyRing(IReadOnlyList<AccessKey> keys)
{
    private const string Scheme = "Bearer ";

    private readonly (byte[] Hash, ClaimsPrincipal Caller)[] _callers = [.. keys.Select(key => (
        SHA256.HashData(Encoding.UTF8.GetBytes(key.Key)),
        new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, key.Name)], authenticationType: "ApiKey"))))];

    /// <summary>The caller that an <c>Authorization</c> header names; null for none. How long it takes tells nothing of the keys.</summary>
    public ClaimsPrincipal? Find(string? authorization)
    {
        if (authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return null;
        var key = authorization.AsSpan(Scheme.Length).Trim(' ');
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
