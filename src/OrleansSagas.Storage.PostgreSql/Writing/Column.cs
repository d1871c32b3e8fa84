namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>One parameter of a statement that is used again and again.</summary>
internal abstract class Column
{
    /// <summary>How it stands in the statement's text.</summary>
    internal required string Place { get; init; }

    /// <summary>Hands what was added to the statement.</summary>
    internal abstract void Seal();

    /// <summary>Forgets what was added.</summary>
    internal abstract void Clear();
}

/// <inheritdoc />
internal abstract class Column<T> : Column
{
    internal abstract void Add(T value);
}
