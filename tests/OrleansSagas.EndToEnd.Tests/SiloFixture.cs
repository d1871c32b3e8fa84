using OrleansSagas.TestKit.Silos.Running;

namespace OrleansSagas.EndToEnd.Tests;

/// <summary>One silo for the tests of a class.</summary>
public sealed class SiloFixture : IAsyncLifetime
{
    private readonly SiloPlace _place = new();
    private SiloProcess? _silo;

    /// <summary>The client SDK, pointed at the silo.</summary>
    public ISagaClient Sagas { get; private set; } = null!;

    /// <summary>A plain client, pointed at the silo.</summary>
    public HttpClient Http { get; private set; } = null!;

    public Uri Address => _place.Address;

    /// <summary>The end of the silo's log.</summary>
    public string Log => _place.LogTail();

    public async ValueTask InitializeAsync()
    {
        _silo = await SiloProcess.StartReadyAsync(_place);
        (Sagas, Http) = (_place.Client(), _place.Http());
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
            await _silo.DisposeAsync();
        _place.Dispose();
    }
}
