using OrleansSagas.TestKit.Silos.Loading;
using OrleansSagas.TestKit.Silos.Recovering;
using OrleansSagas.TestKit.Silos.Running;

namespace OrleansSagas.Soak;

/// <summary>One life of the silo, with somebody who measures how it recovers.</summary>
internal sealed class Life : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly RecoveryWatch _watch;
    private readonly Task _watching;

    private Life(SiloPlace place, ISagaClient sagas, Load load)
    {
        Silo = SiloProcess.Start(place);
        _watch = new RecoveryWatch(Silo, sagas, load.NextAcknowledgement());
        _watching = _watch.RunAsync(_over.Token);
    }

    public SiloProcess Silo { get; }

    public Task Ready => _watch.IsReady.Task;

    /// <summary>Until all that was unfinished has moved on.</summary>
    public Task Recovered => _watching;

    public Recovery Recovery => _watch.Result;

    public static Life Begin(SiloPlace place, ISagaClient sagas, Load load) => new(place, sagas, load);

    public async Task KillAsync()
    {
        await _over.CancelAsync();
        await Silo.KillAsync();
        await _watching;
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await Silo.DisposeAsync();
        _over.Dispose();
    }
}
