using System.Globalization;
using OrleansSagas.Storage;

namespace OrleansSagas.Testing;

/// <summary>Ids that count, so that a test runs the same each time and its messages can be read.</summary>
internal sealed class TestIds : ISagaIds
{
    private long _sagas;
    private long _commits;
    private long _requests;

    public SagaId NewSagaId(DateTimeOffset now) =>
        new(string.Create(CultureInfo.InvariantCulture, $"saga-{Interlocked.Increment(ref _sagas)}"));

    public CommitId NewCommitId() => new(Interlocked.Increment(ref _commits));

    public string NewRequestId() => string.Create(CultureInfo.InvariantCulture, $"request-{Interlocked.Increment(ref _requests)}");
}
