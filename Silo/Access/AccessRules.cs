namespace OrleansSagas.Silo.Access;

/// <summary>Who may call: everyone on this machine, or whoever has a key.</summary>
internal sealed class AccessRules
{
    private const string Section = "Access:ApiKeys";

    private AccessRules(IReadOnlyList<AccessKey> keys) => Keys = keys;

    /// <summary>Those who may call; none where only this machine can.</summary>
    public IReadOnlyList<AccessKey> Keys { get; }

    /// <summary>Reads the rules.</summary>
    /// <exception cref="AccessRefusedException">The silo would be open to others without a key, or a key is none.</exception>
    public static AccessRules Read(IConfiguration settings)
    {
        var keys = settings.GetSection(Section).Get<AccessKey[]>() ?? [];
        Check(keys);
        if (keys.Length == 0 && ListenAddresses.Of(settings).FirstOrDefault(url => !ListenAddresses.IsLoopback(url)) is { } open)
        {
            throw new AccessRefusedException(
                $"It is to listen on {open}, where others than this machine can reach it, and {Section} names nobody who may call. "
                    + "Either name them (environment variables Access__ApiKeys__0__Name=someone and Access__ApiKeys__0__Key=<at least "
                    + "32 random characters>), "
                    + "or listen on this machine only (--urls http://127.0.0.1:5080)."
            );
        }
        return new(keys);
    }

    private static void Check(AccessKey[] keys)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            var (name, key) = (keys[i].Name, keys[i].Key);
            if (string.IsNullOrWhiteSpace(name) || name.Length > AccessKey.MaxNameLength)
                throw new AccessRefusedException(
                    $"{Section}:{i}:Name has {name.Length} characters: name who calls with this key, in 1 to {AccessKey.MaxNameLength}."
                );
            if (name is SagaCallers.Local or SagaCallers.Cluster)
                throw new AccessRefusedException(
                    $"{Section}:{i}:Name is '{name}', which is what callers without a key are called: choose another."
                );
            if (key.Length is < AccessKey.MinKeyLength or > AccessKey.MaxKeyLength || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
                throw new AccessRefusedException(
                    $"{Section}:{i}:Key (of '{name}') must have {AccessKey.MinKeyLength} to {AccessKey.MaxKeyLength} printable ASCII "
                        + "characters without spaces; make one with: openssl rand -hex 32"
                );
            for (var j = 0; j < i; j++)
            {
                if (keys[j].Name == name || keys[j].Key == key)
                    throw new AccessRefusedException(
                        $"{Section}:{j} and {Section}:{i} have the same name or the same key: give each caller its own."
                    );
            }
        }
    }
}
