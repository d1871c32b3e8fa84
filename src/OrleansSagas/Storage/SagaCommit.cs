namespace OrleansSagas.Storage;

/// <summary>What one transaction writes: a closed list of parts that appear together or not at all.</summary>
internal sealed class SagaCommit
{
    /// <summary>The commit's id, stored with every entry it writes.</summary>
    public required CommitId Id { get; init; }

    /// <summary>When it is made: what decides whether an earlier request row with the same key has expired.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The saga that it writes to.</summary>
    public required SagaKey Saga { get; init; }

    /// <summary>
    /// The store's own number of the saga, as it was loaded or committed before; null exactly when <see cref="NewSaga"/> is there.
    /// </summary>
    public long? Number { get; init; }

    /// <summary>The guard: the revision that the saga must stand at; 0 for a new saga. A lost race fails this commit alone.</summary>
    public required long ExpectedRevision { get; init; }

    /// <summary>The new entries, numbered on from <see cref="ExpectedRevision"/>; may be empty, and then the guard still holds.</summary>
    public IReadOnlyList<StoredEntry> Entries { get; init; } = [];

    /// <summary>What is said of the saga once: exactly in its first commit.</summary>
    public SagaIdentity? NewSaga { get; init; }

    /// <summary>The searchable row where it changes; always in a saga's first commit.</summary>
    public SagaRow? Row { get; init; }

    /// <summary>The request that this commit answers.</summary>
    public StoredRequest? Request { get; init; }

    /// <summary>
    /// What names the request that starts the new saga, so that a purge finds it by the saga's row; null where none does.
    /// </summary>
    public RequestKey? StartedBy =>
        NewSaga is not null && Request is { } request && request.Saga == Saga.Id && request.Key.Namespace == Saga.Namespace
            ? request.Key
            : null;
}
