namespace OrleansSagas.Simulation.Tests.Services;

/// <summary>What the caller of a service gets.</summary>
internal enum Ending
{
    /// <summary>The result.</summary>
    Result,

    /// <summary>An error that says nothing of what was done.</summary>
    Error,

    /// <summary>An error after which the definition says to give up.</summary>
    FinalError,

    /// <summary>The word that nothing was done.</summary>
    Rejected,

    /// <summary>Nothing, ever.</summary>
    Never,
}
