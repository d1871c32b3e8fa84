using System.Reflection;
using System.Text;

namespace OrleansSagas.Architecture.Tests;

/// <summary>Writes an assembly's public API as text, one line a member, in ordinal order.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (
            var type in assembly
                .GetExportedTypes()
                .Where(type => type.Namespace?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) != true)
                .OrderBy(type => type.FullName, StringComparer.Ordinal)
        )
        {
            text.Append(KindOf(type)).Append(' ').Append(NameOf(type));
            var parents = type.IsEnum || IsDelegate(type) ? [] : Parents(type).Order(StringComparer.Ordinal).ToArray();
            text.AppendLine(parents.Length == 0 ? "" : " : " + string.Join(", ", parents));
            foreach (var member in MembersOf(type).Order(StringComparer.Ordinal))
                text.Append("    ").AppendLine(member);
        }

        return text.ToString();
    }

    private static bool IsDelegate(Type type) => typeof(Delegate).IsAssignableFrom(type);

    private static string KindOf(Type type) =>
        type.IsEnum ? "enum"
        : IsDelegate(type) ? "delegate"
        : type.IsInterface ? "interface"
        : type.IsValueType ? "struct"
        : type.IsAbstract && type.IsSealed ? "static class"
        : type.IsAbstract ? "abstract class"
        : type.IsSealed ? "sealed class"
        : "class";

    private static IEnumerable<string> Parents(Type type)
    {
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
            yield return NameOf(parent);
        foreach (var face in type.GetInterfaces().Where(face => face.IsVisible && type.BaseType?.GetInterfaces().Contains(face) != true))
            yield return NameOf(face);
    }

    private static IEnumerable<string> MembersOf(Type type)
    {
        if (type.IsEnum)
            return Enum.GetNames(type)
                .Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), System.Globalization.CultureInfo.InvariantCulture)}");
        var constructors = type.GetConstructors(Declared).Where(IsSeen).Select(c => $"new({Parameters(c)})");
        var fields = type.GetFields(Declared)
            .Where(f => f.IsPublic || f.IsFamily)
            .Select(f => $"{(f.IsLiteral ? "const " : f.IsStatic ? "static " : "")}{NameOf(f.FieldType)} {f.Name}");
        var properties = type.GetProperties(Declared).Where(p => p.GetAccessors(true).Any(IsSeen)).Select(Property);
        var methods = type.GetMethods(Declared).Where(m => IsSeen(m) && !m.IsSpecialName && !IsOfRecord(m)).Select(Method);
        var operators = type.GetMethods(Declared)
            .Where(m => IsSeen(m) && m.IsSpecialName && m.Name.StartsWith("op_", StringComparison.Ordinal))
            .Select(Method);
        return constructors.Concat(fields).Concat(properties).Concat(methods).Concat(operators);
    }

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    /// <summary>What the compiler adds to every record says nothing.</summary>
    private static bool IsOfRecord(MethodInfo method) =>
        method.Name is "<Clone>$" or "PrintMembers" or "Deconstruct" or "GetHashCode" or "Equals" or "ToString";

    private static string Property(PropertyInfo property)
    {
        var get = property.GetMethod is { } getter && IsSeen(getter) ? "get; " : "";
        var set =
            property.SetMethod is { } setter && IsSeen(setter)
                ? setter.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit")
                    ? "init; "
                    : "set; "
                : "";
        return $"{NameOf(property.PropertyType)} {property.Name} {{ {get}{set}}}";
    }

    private static string Method(MethodInfo method)
    {
        var generic = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(NameOf))}>" : "";
        return $"{(method.IsStatic ? "static " : "")}{NameOf(method.ReturnType)} {method.Name}{generic}({Parameters(method)})";
    }

    private static string Parameters(MethodBase method) =>
        string.Join(
            ", ",
            method
                .GetParameters()
                .Select(p => $"{NameOf(p.ParameterType)} {p.Name}{(p.HasDefaultValue ? " = " + (p.DefaultValue ?? "null") : "")}")
        );

    private static string NameOf(Type type)
    {
        if (type.IsGenericParameter)
            return type.Name;
        if (type.IsArray)
            return NameOf(type.GetElementType()!) + "[]";
        if (type.IsByRef)
            return "ref " + NameOf(type.GetElementType()!);
        var name = type.FullName is null
            ? type.Name
            : (
                type.IsNested ? NameOf(type.DeclaringType!) + "." + type.Name
                : type.Namespace == "System" ? type.Name
                : $"{type.Namespace}.{type.Name}"
            );
        var tick = name.IndexOf('`', StringComparison.Ordinal);
        if (tick >= 0)
            name = name[..tick];
        return type.IsGenericType ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>" : name;
    }
}
