namespace OrleansSagas;

/// <summary>Names one commit, so that an owner who does not know whether it happened can look for it.</summary>
internal readonly record struct CommitId(long Value);
