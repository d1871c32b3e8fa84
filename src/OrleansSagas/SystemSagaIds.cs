using System.Security.Cryptography;

namespace OrleansSagas;

/// <summary>Random ids.</summary>
internal sealed class SystemSagaIds : ISagaIds
{
    // A random start, then counting: two processes meet on one saga and one number with a chance of 2^-64 a commit.
    private long _lastCommit = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

#pragma warning disable RS0030 // this is the injected source
    public SagaId NewSagaId(DateTimeOffset now) => new(Guid.CreateVersion7(now).ToString());

    public string NewRequestId() => Guid.CreateVersion7().ToString();
#pragma warning restore RS0030

    public CommitId NewCommitId() => new(Interlocked.Increment(ref _lastCommit));
}
