namespace OrleansSagas;

/// <summary>Names one saga: its id within a namespace. Ordered ordinally.</summary>
/// <param name="Namespace">The namespace: 1 to 64 characters of the alphabet of <see cref="SagaId"/>.</param>
/// <param name="Id">The id, unique in its namespace.</param>
internal readonly record struct SagaKey(string Namespace, SagaId Id)
{
    /// <summary>The namespace used where none is named.</summary>
    public const string DefaultNamespace = "default";

    /// <summary>Names the saga <paramref name="id"/> in the default namespace.</summary>
    public SagaKey(SagaId id)
        : this(DefaultNamespace, id) { }

    /// <summary>By namespace, then by id, both ordinally.</summary>
    internal static IComparer<SagaKey> Order { get; } =
        Comparer<SagaKey>.Create(
            static (one, other) =>
            {
                var byNamespace = string.CompareOrdinal(one.Namespace, other.Namespace);
                return byNamespace != 0 ? byNamespace : one.Id.CompareTo(other.Id);
            }
        );

    /// <inheritdoc />
    public override string ToString() => $"{Namespace}/{Id}";
}
