using System.Globalization;
using OrleansSagas.Storage;

namespace OrleansSagas.Simulation.Tests.Worlds;

/// <summary>Fresh ids that the seed decides.</summary>
internal sealed class SeededIds(Chance chance) : ISagaIds
{
    public SagaId NewSagaId(DateTimeOffset now) =>
        new(string.Create(CultureInfo.InvariantCulture, $"fresh-{(ulong)chance.NextInt64():x16}"));

    public CommitId NewCommitId() => new(chance.NextInt64());

    public string NewRequestId() => string.Create(CultureInfo.InvariantCulture, $"request-{(ulong)chance.NextInt64():x16}");
}
