using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests.Releases;

/// <summary>
/// A copy of a release's database with this program's engine running over it, in a depot where nothing goes wrong any more.
/// </summary>
internal sealed class RunningRelease : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private readonly ManualTime _time = new();
    private readonly Depot _depot = new();
    private readonly EngineFixture _engine;

    private RunningRelease(ReleaseStore store) => _engine = new EngineFixture(_depot.Definitions) { Time = _time, Make = store.Make };

    public static async Task<RunningRelease> StartAsync(ReleaseStore store, DateTimeOffset at)
    {
        var running = new RunningRelease(store);
        running._time.Advance(at - running._time.GetUtcNow());
        try
        {
            await running._engine.StartAsync();
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    public Task<SagaResult> StartAgainAsync(string type, Parcel data, string request, string caller) =>
        _engine.TryStartAsync(type, data, requestId: request, caller: caller);

    public Task<SagaResult> ActAsync(string id, OperatorAction verb, string? request = null, string? caller = null) =>
        _engine.ActAsync(new SagaId(id), verb, GoldenScript.Reason, actor: GoldenScript.Operator, requestId: request, caller: caller);

    public void Later(TimeSpan time) => _time.Advance(time);

    /// <summary>Lets time pass until the saga has ended; answers how, and what was called for it.</summary>
    public async Task<(SagaStatus Status, string[] Calls)> EndAsync(string id)
    {
        var began = Environment.TickCount64;
        while (true)
        {
            var view = await _engine.GetAsync(new SagaId(id));
            if (view.Status.IsTerminal())
                return (view.Status, _depot.Service.CallsOf(id));
            Assert.True(
                Environment.TickCount64 - began < Patience.TotalMilliseconds,
                $"Waited {Patience} for the end of saga {id}; it is {view.Status} ({view.Error}): "
                    + $"{string.Join(" ", await _engine.EventsAsync(new SagaId(id)))}"
            );
            _time.Advance(Step);
            await Task.Delay(1);
        }
    }

    public async Task<string[]> EventsAsync(string id) => await _engine.EventsAsync(new SagaId(id));

    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
