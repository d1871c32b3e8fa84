using System.Globalization;

namespace OrleansSagas.Storage;

/// <summary>The scripts that lead from one version of a store's schema to the next; they are embedded in the store's assembly.</summary>
internal static class SchemaScripts
{
    internal static string Read(long version)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{version:000}.sql");
        using var stream =
            typeof(SchemaScripts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The script {name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
