using OrleansSagas.Storage;

namespace OrleansSagas.Engine.Tests.Engines;

/// <summary>An engine that runs: in one process, or on a cluster. The tests are the same.</summary>
internal interface ITestEngine : IAsyncDisposable
{
    /// <summary>What a caller's front door asks; on a cluster that of one silo after the other.</summary>
    SagaService Sagas { get; }

    /// <summary>The store as the tests see it.</summary>
    ISagaStore Store { get; }

    /// <summary>How many processes hold sagas, each with its own bounds.</summary>
    int Processes { get; }

    /// <summary>How many sagas are in memory.</summary>
    int ActiveSagas { get; }

    /// <summary>Stops gracefully.</summary>
    Task StopAsync();
}
