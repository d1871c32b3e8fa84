using OrleansSagas.Plans;
using OrleansSagas.Simulation.Tests.Checks;
using OrleansSagas.Storage;
using OrleansSagas.Testing;

namespace OrleansSagas.Simulation.Tests.Worlds;

/// <summary>
/// What survives: the tables, as of the last transaction that was synced. Every commit that becomes durable is shown to the rules.
/// </summary>
internal sealed class Disk(World world, Rules rules)
{
    public MemoryTables Tables { get; } = new();

    public EngineOpened Open(IReadOnlyList<PlanIdentity> plans) => Tables.Open(plans);

    public CommitResult Apply(SagaCommit commit, string by)
    {
        var result = Tables.Apply(commit);
        world.Note((long)result.Outcome);
        if (world.Traces)
            world.Say(
                "disk",
                $"{by}: {commit.Saga.Id} "
                    + $"{commit.ExpectedRevision}+[{string.Join(' ', commit.Entries.Select(entry => entry.Name))}]{Row(commit.Row)} -> "
                    + $"{result.Outcome}"
            );
        if (result.Outcome == CommitOutcome.Committed)
            rules.OnDurable(commit);
        return result;
    }

    private static string Row(SagaRow? row) =>
        row is null
            ? ""
            : $" row {row.Status} owner {row.Owner?.Value.ToString() ?? "-"} wake {row.WakeAt?.ToString("HH:mm:ss.fff") ?? "-"}";
}
