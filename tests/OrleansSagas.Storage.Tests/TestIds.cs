using System.Globalization;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.Tests;

/// <summary>Ids that count.</summary>
internal sealed class TestIds : ISagaIds
{
    private long _last;

    public SagaId NewSagaId(DateTimeOffset now) => new("saga-" + Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture));

    public CommitId NewCommitId() => new(Interlocked.Increment(ref _last));

    public string NewRequestId() => "request-" + Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);
}
