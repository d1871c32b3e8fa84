using System.Globalization;

namespace OrleansSagas.Storage;

/// <summary>The scripts that lead from one version of a store's schema to the next; they are embedded in the store's assembly.</summary>
internal static class SchemaScripts
{
    /// <summary>The version that the last one leads to: they are numbered from 1.</summary>
    internal static readonly int Newest = typeof(SchemaScripts)
        .Assembly.GetManifestResourceNames()
        .Count(name => name.EndsWith(".sql", StringComparison.Ordinal));

    internal static string Read(long version)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{version:000}.sql");
        using var stream =
            typeof(SchemaScripts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The script {name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Refuses the schema of a program that is newer.</summary>
    /// <param name="version">The version of the schema.</param>
    /// <param name="store">The store's name in messages.</param>
    /// <param name="place">What else can be named instead.</param>
    /// <exception cref="StoreException">The schema is newer.</exception>
    internal static void ThrowIfNewer(long version, string store, string place)
    {
        if (version > Newest)
            throw new StoreException(
                $"The saga store '{store}' has schema version {version}; this program knows versions up to {Newest}. Start the newer "
                    + $"program that wrote it, or name another {place}."
            );
    }
}
