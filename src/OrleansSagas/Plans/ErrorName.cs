namespace OrleansSagas;

/// <summary>Exceptions by their type, or by its name where the type is not at hand; with those derived from them.</summary>
/// <remarks>
/// A type or a text converts to it: <c>NonRetryableErrors = [typeof(ArgumentException), "Acme.CardDeclinedException"]</c>. A name is that
/// of the class, with its namespace or without.
/// </remarks>
public readonly record struct ErrorName
{
    private readonly Type? _type;

    private ErrorName(string name, Type? type) => (Name, _type) = (name, type);

    /// <summary>The name of the exception's class.</summary>
    public string Name { get; }

    /// <summary>The exceptions of a type.</summary>
    public static implicit operator ErrorName(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new ErrorName(type.FullName ?? type.Name, type);
    }

    /// <summary>The exceptions of a name.</summary>
    public static implicit operator ErrorName(string name) => new(name, null);

    /// <summary>The exceptions of a type.</summary>
    public static ErrorName FromType(Type type) => type;

    /// <summary>The exceptions of a name.</summary>
    public static ErrorName FromString(string name) => name;

    /// <inheritdoc/>
    public override string ToString() => Name ?? "";

    internal bool Fits(Exception exception)
    {
        if (_type is not null)
            return _type.IsInstanceOfType(exception);
        for (var type = exception.GetType(); type is not null && type != typeof(object); type = type.BaseType)
            if (Name == type.FullName || Name == type.Name)
                return true;
        return false;
    }

    internal string? Fault() =>
        string.IsNullOrWhiteSpace(Name) ? "has a name in NonRetryableErrors that is empty"
        : _type is not null && !typeof(Exception).IsAssignableFrom(_type) ? $"has '{Name}' in NonRetryableErrors, which is no exception"
        : null;
}
