namespace OrleansSagas.EndToEnd.Tests;

/// <summary>
/// The collection of the tests that hold silos to times, or keep all processors busy by themselves: they run one after the other, when all
/// others have ended.
/// </summary>
[CollectionDefinition(nameof(RunsAlone), DisableParallelization = true)]
public sealed class RunsAlone;
