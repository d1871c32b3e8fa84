namespace OrleansSagas.Engine.Tests.Releases;

internal enum DepotTrouble
{
    /// <summary>Nobody knows whether it was done.</summary>
    Fails,

    /// <summary>It says that it was not done.</summary>
    Refuses,

    /// <summary>It does not answer until the engine stops.</summary>
    Hangs,
}
