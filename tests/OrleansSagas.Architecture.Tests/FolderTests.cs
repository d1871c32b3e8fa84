using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using OrleansSagas.TestKit;

namespace OrleansSagas.Architecture.Tests;

/// <summary>Dependencies within the core point one way: which folder of <c>src/OrleansSagas</c> uses which.</summary>
public sealed class FolderTests(ITestOutputHelper output)
{
    private const string Core = "src/OrleansSagas";

    /// <summary>Files beside the folders: the words that all of them share, such as <c>SagaKey</c>, and the options.</summary>
    private const string Words = "(words)";

    /// <summary>Of those files the ones that put the parts together: they use all of them, and nothing uses them.</summary>
    private const string AddSagas = "(AddSagas)";

    private static readonly string[] Composition = ["SagaServiceCollectionExtensions.cs", "SagasBuilder.cs"];

    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        [Words] = ["Plans"],
        ["Payloads"] = [],
        ["Plans"] = [Words],
        ["Decisions"] = [Words, "Payloads", "Plans"],
        ["Definitions"] = [Words, "Plans", "Decisions"],
        ["Notifications"] = [Words],
        ["Storage"] = [Words, "Payloads", "Plans", "Telemetry"],
        ["Telemetry"] = [Words, "Plans", "Decisions", "Storage"],
        ["History"] = [Words, "Payloads", "Plans", "Decisions", "Storage"],
        ["Execution"] = [Words, "Payloads", "Plans", "Decisions", "Definitions", "Notifications", "Storage", "Telemetry", "History"],
        ["Api"] = [Words, "Payloads", "Plans", "Decisions", "Definitions", "Notifications", "Storage", "History", "Execution"],
        ["Local"] = [Words, "Definitions", "Storage", "Telemetry", "Execution", "Api"],
        [AddSagas] = [Words, "Payloads", "Plans", "Definitions", "Notifications", "Telemetry", "Execution", "Api", "Local"],
    };

    [Fact]
    public void Folders_UseOnlyWhatTheyMay()
    {
        var uses = Uses();
        foreach (var (folder, used) in uses.OrderBy(use => use.Key, StringComparer.Ordinal))
            output.WriteLine($"{folder, -14} {string.Join(", ", used.Keys.Order(StringComparer.Ordinal))}");

        var wrong = uses.SelectMany(use =>
            use.Value.Where(used => !Allowed.GetValueOrDefault(use.Key, []).Contains(used.Key, StringComparer.Ordinal))
                .Select(used => $"{use.Key} uses {used.Key}: {used.Value}")
        );
        Assert.True(!wrong.Any(), string.Join("\n", wrong));
    }

    /// <summary>What is allowed and not used is not needed: it goes.</summary>
    [Fact]
    public void WhatIsAllowed_IsUsed()
    {
        var uses = Uses();
        Assert.Empty(
            Allowed.SelectMany(row =>
                row.Value.Where(used => !uses.TryGetValue(row.Key, out var found) || !found.ContainsKey(used))
                    .Select(used => $"{row.Key} does not use {used}")
            )
        );
    }

    /// <summary>For each folder those that it uses, each with one place where it does.</summary>
    private static Dictionary<string, Dictionary<string, string>> Uses()
    {
        var trees = Repository
            .SourcesOf(Core)
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), path: file))
            .Append(
                CSharpSyntaxTree.ParseText(
                    "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;"
                        + "global using System.Threading; global using System.Threading.Tasks;"
                )
            )
            .ToList();
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file) != "OrleansSagas.dll")
            .Select(file => MetadataReference.CreateFromFile(file));
        var compilation = CSharpCompilation.Create(
            "OrleansSagas",
            trees,
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)
        );

        var uses = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach (var tree in trees.Where(tree => tree.FilePath.Length > 0))
        {
            var folder = FolderOf(tree.FilePath);
            var model = compilation.GetSemanticModel(tree);
            foreach (var name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
            {
                var symbol = model.GetSymbolInfo(name).Symbol;
                var type = symbol as ITypeSymbol ?? symbol?.ContainingType;
                var used = type?.OriginalDefinition.DeclaringSyntaxReferences.FirstOrDefault()?.SyntaxTree.FilePath;
                if (used is { Length: > 0 } && FolderOf(used) is var other && other != folder)
                {
                    if (!uses.TryGetValue(folder, out var found))
                        uses[folder] = found = new(StringComparer.Ordinal);
                    var line = name.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
                    found.TryAdd(other, $"{Path.GetFileName(tree.FilePath)}:{line} names {type!.Name}");
                }
            }
        }

        return uses;
    }

    private static string FolderOf(string file)
    {
        var path = Path.GetRelativePath(Path.Combine(Repository.Root, Core), file).Split(Path.DirectorySeparatorChar);
        return path.Length > 1 ? path[0]
            : Composition.Contains(path[0], StringComparer.Ordinal) ? AddSagas
            : Words;
    }
}
