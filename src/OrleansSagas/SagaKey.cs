namespace OrleansSagas;

/// <summary>Names one saga: its id within a namespace. Ordered ordinally.</summary>
/// <param name="Namespace">The namespace: 1 to 64 characters of the alphabet of <see cref="SagaId"/>.</param>
/// <param name="Id">The id, unique in its namespace.</param>
public readonly record struct SagaKey(string Namespace, SagaId Id)
{
    /// <summary>The namespace used where none is named.</summary>
    public const string DefaultNamespace = "default";

    /// <summary>Names the saga <paramref name="id"/> in the default namespace.</summary>
    public SagaKey(SagaId id)
        : this(DefaultNamespace, id)
    {
    }

    /// <inheritdoc />
    public override string ToString() => $"{Namespace}/{Id}";
}
