namespace OrleansSagas.EndToEnd.Tests.Hostile;

/// <summary>Tests of which each leaves the silo as sound as before.</summary>
public abstract class HostileTests(HostileSilo silo) : IClassFixture<HostileSilo>, IAsyncLifetime
{
    protected HostileSilo Silo => silo;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        await silo.AuditAsync();
        GC.SuppressFinalize(this);
    }
}
