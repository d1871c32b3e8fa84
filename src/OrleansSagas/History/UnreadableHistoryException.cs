namespace OrleansSagas.History;

/// <summary>A saga's history holds something that this program cannot read: it was written by a newer one, or is damaged.</summary>
internal sealed class UnreadableHistoryException : SagaException
{
    internal UnreadableHistoryException(SagaKey saga, long revision, string fault, Exception? inner = null)
        : base(
            $"The history of saga '{saga}' cannot be read at entry {revision}: {fault}. Run the version of the program that wrote it, "
                + "or a newer one; "
                + "until then the saga can only be terminated.",
            inner
        )
    {
        Saga = saga;
        Revision = revision;
    }

    /// <summary>The saga.</summary>
    public SagaKey Saga { get; }

    /// <summary>The entry.</summary>
    public long Revision { get; }
}
