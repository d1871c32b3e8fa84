namespace OrleansSagas;

/// <summary>Where fresh ids come from: random in production, seeded in a simulation.</summary>
internal interface ISagaIds
{
    /// <summary>A fresh saga id: a version-7 GUID of the time <paramref name="now"/>.</summary>
    SagaId NewSagaId(DateTimeOffset now);

    /// <summary>A fresh commit id, unique within each saga.</summary>
    CommitId NewCommitId();

    /// <summary>A fresh request id, for a caller that names none.</summary>
    string NewRequestId();
}
