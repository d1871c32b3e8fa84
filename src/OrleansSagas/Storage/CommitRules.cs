namespace OrleansSagas.Storage;

/// <summary>
/// What every store may rely on. A commit that breaks a rule is a bug of its maker and must fail alone, before it meets its neighbours in a
/// batch.
/// </summary>
internal static class CommitRules
{
    private const int MaxTags = 16;
    private const int MaxTagName = 64;
    private const int MaxTagValue = 256;
    private const int MaxNamespace = 64;
    private const int MaxRequestKey = 255;
    private const int MaxCaller = 256;
    private const int MaxEntryName = 64;
    private const int HashBytes = 32;

    /// <summary>What is wrong with <paramref name="commit"/>, without any of its contents; null when nothing is.</summary>
    internal static string? FindFault(SagaCommit commit) =>
        FindSagaFault(commit) ?? FindEntryFault(commit) ?? FindRowFault(commit.Row) ?? FindRequestFault(commit.Request);

    private static string? FindSagaFault(SagaCommit commit)
    {
        if (!IsNamespace(commit.Saga.Namespace))
            return $"A namespace has 1 to {MaxNamespace} characters of the alphabet of saga ids.";
        if (!SagaId.IsValid(commit.Saga.Id.ToString()))
            return "The commit names no saga.";
        if (commit.ExpectedRevision < 0)
            return "A revision is not negative.";
        if (commit.NewSaga is { } saga)
        {
            if (commit.Number is not null || commit.ExpectedRevision != 0)
                return "A new saga has no number, and its expected revision is 0.";
            if (commit.Row is null || commit.Entries.Count == 0)
                return "The first commit of a saga has its row and at least one entry.";
            return string.IsNullOrEmpty(saga.Type) || saga.Fingerprint is null ? "A new saga has a type and a fingerprint." : null;
        }

        if (commit.Number is not null)
            return commit.ExpectedRevision == 0 ? "A saga that has a number stands at revision 1 or later." : null;
        return commit.ExpectedRevision != 0 || commit.Entries.Count > 0 || commit.Row is not null
            ? "A commit to a saga that exists has its number."
            : null;
    }

    private static string? FindEntryFault(SagaCommit commit)
    {
        var revision = commit.ExpectedRevision;
        for (var i = 0; i < commit.Entries.Count; i++)
        {
            var entry = commit.Entries[i];
            if (entry.Revision != ++revision)
                return "Entries are numbered on from the expected revision without gaps.";
            if (entry.Commit != commit.Id)
                return "An entry carries the id of the commit that writes it.";
            if (entry.Name is not { Length: > 0 and <= MaxEntryName } || !System.Text.Ascii.IsValid(entry.Name))
                return $"An entry's name has 1 to {MaxEntryName} ASCII characters.";
            if (entry.Format < 1)
                return "An entry's format is 1 or later.";
        }

        return null;
    }

    private static string? FindRowFault(SagaRow? row)
    {
        if (row is null)
            return null;
        if (row.Status.IsTerminal() != row.EndedAt.HasValue)
            return "A row has the time of its end exactly when its status is terminal.";
        if (row.SnapshotRevision < 0 || row.Snapshot.HasValue != row.SnapshotRevision > 0)
            return "A snapshot has a revision of 1 or later, and without a snapshot there is none.";
        if (row.Tags.Count > MaxTags)
            return $"A saga has at most {MaxTags} tags.";
        for (var i = 0; i < row.Tags.Count; i++)
        {
            var (name, value) = row.Tags[i];
            if (name is not { Length: > 0 and <= MaxTagName } || value is not { Length: <= MaxTagValue })
                return $"A tag's name has 1 to {MaxTagName} characters and its value at most {MaxTagValue}.";
            if (i > 0 && string.CompareOrdinal(row.Tags[i - 1].Key, name) >= 0)
                return "Tags stand in ordinal order of their names, each name once.";
        }

        return null;
    }

    private static string? FindRequestFault(StoredRequest? request)
    {
        if (request is null)
            return null;
        if (!IsNamespace(request.Key.Namespace) || !SagaId.IsValid(request.Saga.ToString()))
            return "A request names a namespace and a saga.";
        if (request.Key.Key is not { Length: > 0 and <= MaxRequestKey })
            return $"A request's key has 1 to {MaxRequestKey} characters.";
        if (request.Key.Caller is not { Length: > 0 and <= MaxCaller })
            return $"A request's caller has 1 to {MaxCaller} characters.";
        return request.Hash.Length == HashBytes ? null : $"A request's hash has {HashBytes} bytes.";
    }

    private static bool IsNamespace(string? value) => value is { Length: <= MaxNamespace } && SagaId.IsValid(value);
}
