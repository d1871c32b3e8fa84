using OrleansSagas.Storage;

namespace OrleansSagas.Storage.Sqlite.Writing;

/// <summary>Why a whole transaction failed, and whether it may have happened all the same.</summary>
internal sealed record BatchFailure(CommitOutcome Outcome, Exception Error);
