namespace OrleansSagas.Bench.Load;

/// <summary>Makes this process's sockets cheap: one thread waits for all of them and handles what arrives in place.</summary>
/// <remarks>The default hands every completion to the thread pool. That costs the generator more than the request does,
/// and it takes the cores from the silo that is being measured. In-place completion is safe here because nothing in a
/// completion blocks. The child does not inherit it: the silo is measured as it is started by users.</remarks>
internal static class GeneratorRuntime
{
    private static readonly (string Name, string Value)[] Variables =
    [
        ("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1"),
        ("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1"),
    ];

    private static Dictionary<string, string?>? _inherited;

    /// <summary>Sets the variables for this process, once, and remembers what it was started with.</summary>
    public static void Prepare()
    {
        _inherited = Variables.ToDictionary(v => v.Name, v => Environment.GetEnvironmentVariable(v.Name));
        foreach (var (name, value) in Variables)
            Environment.SetEnvironmentVariable(name, value);
    }

    /// <summary>Puts a child's environment back to what this process was started with.</summary>
    public static void Restore(IDictionary<string, string?> environment)
    {
        foreach (var (name, value) in _inherited ?? [])
        {
            if (value is null)
                environment.Remove(name);
            else
                environment[name] = value;
        }
    }
}
