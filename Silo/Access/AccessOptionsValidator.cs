using Microsoft.Extensions.Options;

namespace OrleansSagas.Silo.Access;

/// <summary>Refuses a key that is none, and a silo that would be open to others without a key.</summary>
internal sealed class AccessOptionsValidator(IConfiguration settings) : IValidateOptions<AccessOptions>
{
    private const string Keys = $"{AccessOptions.Section}:{nameof(AccessOptions.ApiKeys)}";

    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        var failures = FailuresOf(options.ApiKeys).ToList();
        if (options.ApiKeys.Count == 0 && ListenAddresses.Of(settings).FirstOrDefault(url => !ListenAddresses.IsLoopback(url)) is { } open)
            failures.Add(
                $"It is to listen on {open}, where others than this machine can reach it, and {Keys} names nobody who may call. "
                    + "Either name them (environment variables Access__ApiKeys__0__Name=someone and Access__ApiKeys__0__Key=<at least "
                    + "32 random characters>), "
                    + "or listen on this machine only (--urls http://127.0.0.1:5080)."
            );
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> FailuresOf(IList<AccessKey> keys)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            var (name, key) = (keys[i].Name, keys[i].Key);
            if (string.IsNullOrWhiteSpace(name) || name.Length > AccessKey.MaxNameLength)
                yield return $"{Keys}:{i}:Name has {name.Length} characters: name who calls with this key, in 1 to "
                    + $"{AccessKey.MaxNameLength}.";
            if (name is SagaCallers.Local or SagaCallers.Cluster)
                yield return $"{Keys}:{i}:Name is '{name}', which is what callers without a key are called: choose another.";
            if (key.Length is < AccessKey.MinKeyLength or > AccessKey.MaxKeyLength || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
                yield return $"{Keys}:{i}:Key (of '{name}') must have {AccessKey.MinKeyLength} to {AccessKey.MaxKeyLength} printable ASCII "
                    + "characters without spaces; make one with: openssl rand -hex 32";
            if (Enumerable.Range(0, i).Where(j => keys[j].Name == name || keys[j].Key == key).Cast<int?>().FirstOrDefault() is { } same)
                yield return $"{Keys}:{same} and {Keys}:{i} have the same name or the same key: give each caller its own.";
        }
    }
}
