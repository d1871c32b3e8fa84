using OrleansSagas.Engine.Tests;
using OrleansSagas.Execution;
using OrleansSagas.Notifications;
using OrleansSagas.Orleans;
using OrleansSagas.Orleans.Messages;
using OrleansSagas.Payloads;
using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Orleans.Tests;

/// <summary>
/// Concurrent repeats that do not meet in the request's grain: each goes straight to the grain of the saga that it asks for, and only the
/// request row of the commit is left to tell them apart.
/// </summary>
public sealed class RepeatTests
{
    private const int Silos = 2;
    private const int Repeats = 12;
    private const int Rounds = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Start_WhenRepeatsNeverMeet_IsOneSaga()
    {
        var service = new TestService();
        await using var cluster = await new ClusterFixture(Jobs.Define().Keyed("a", service).Build()).StartAsync(Silos);
        var (doors, refused) = (Doors(cluster), 0);
        for (var round = 0; round < Rounds; round++)
        {
            // Each repeat comes with an id of its own making: so it asks for a saga of its own, on the silo that it came to.
            var start = ClusterFixture.Start("job", "x", $"request {round}") with
            {
                Id = null,
            };
            var views = await AtOnceAsync(doors, door => door.Sagas.StartAsync(start, CancellationToken.None));
            Assert.Single(views.Select(view => view.Id).Distinct());
            await cluster.EndAsync(views[0].Id.Value, Patience);

            // And one that comes later is answered from the same row.
            Assert.Equal(
                views[0].Id,
                Assert.IsType<SagaResult.Accepted>(await doors[round % Silos].Sagas.StartAsync(start, CancellationToken.None)).View.Id
            );
            Assert.Equal(
                SagaRefusal.RequestIdReused,
                Assert
                    .IsType<SagaResult.Refused>(
                        await doors[round % Silos]
                            .Sagas.StartAsync(start with { Data = "{\"name\":\"other\"}"u8.ToArray() }, CancellationToken.None)
                    )
                    .Refusal
            );
            refused += doors.Sum(door => door.TakeRepeated());
        }

        Assert.Equal(Rounds, (await cluster.SagasOf(0).ListAsync(new SagaQuery { Limit = 1_000 }, CancellationToken.None)).Items.Count);
        Assert.Equal(Rounds, service.Calls.Length);
        Assert.Equal(Rounds * (Repeats + 1), refused);
        await Wait.UntilAsync(() => cluster.Held() == 0, "none of the sagas that were not started in memory");
    }

    [Fact]
    public async Task Verb_WhenRepeatsNeverMeet_IsDoneOnce()
    {
        var gate = new Gate();
        await using var cluster = await new ClusterFixture(
            Jobs.Define().Step("a", step => step.Do((_, _) => gate.PassAsync())).Build()
        ).StartAsync(Silos);
        var doors = Doors(cluster);
        await doors[0].Sagas.StartAsync(ClusterFixture.Start("job", "held"), CancellationToken.None);
        await gate.Entered;
        var key = new SagaKey(new SagaId("held"));
        foreach (var verb in (OperatorAction[])[OperatorAction.Pause, OperatorAction.Resume])
            await AtOnceAsync(
                doors,
                door =>
                    door.Sagas.ActAsync(
                        new OperatorCommand
                        {
                            Saga = key,
                            Verb = verb,
                            RequestId = $"do {verb}",
                        },
                        CancellationToken.None
                    )
            );
        gate.Open();
        Assert.Equal(SagaStatus.Completed, (await cluster.EndAsync("held", Patience)).Status);
        var names = (await cluster.Store.ReadHistoryAsync(key, 0, 100, CancellationToken.None))!.Select(entry => entry.Name).ToList();
        Assert.Equal((1, 1), (names.Count(name => name == "paused"), names.Count(name => name == "resumed")));
    }

    private static StraightDoor[] Doors(ClusterFixture cluster) =>
        [.. Enumerable.Range(0, Silos).Select(silo => new StraightDoor(cluster, silo))];

    private static async Task<SagaView[]> AtOnceAsync(StraightDoor[] doors, Func<StraightDoor, Task<SagaResult>> ask)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, Repeats).Select(i => Task.Run(() => ask(doors[i % doors.Length]))));
        return [.. answers.Select(answer => Assert.IsType<SagaResult.Accepted>(answer).View)];
    }

    /// <summary>The API of one silo over a way to the saga grains on which nothing is compared with anything.</summary>
    private sealed class StraightDoor : ISagaDispatcher
    {
        private readonly IGrainFactory _grains;
        private readonly SagaProcesses _processes;
        private int _repeated;

        public StraightDoor(ClusterFixture cluster, int silo)
        {
            (_grains, _processes) = (cluster.Of<IGrainFactory>(silo), cluster.Of<SagaProcesses>(silo));
            Sagas = new SagaService(
                this,
                cluster.Of<ISagaStore>(silo),
                cluster.Of<SagaCatalog>(silo),
                cluster.Of<IPayloadCodec>(silo),
                cluster.Runtime,
                cluster.Of<SagaOptions>(silo),
                cluster.Of<SagaWatch>(silo)
            );
        }

        public SagaService Sagas { get; }

        public string? Problem => _processes.Problem;

        /// <summary>How many calls were answered as repeats, since it was asked last.</summary>
        public int TakeRepeated() => Interlocked.Exchange(ref _repeated, 0);

        public async ValueTask<CommandResult> SendAsync(SagaKey saga, CommandEnvelope call)
        {
            var reply = await SagaProcesses.AskAsync(saga, async () => (await _grains.Saga(saga).SendAsync(new SagaEnvelope(call)))!.Reply);
            if (reply is CommandResult.Repeated)
                Interlocked.Increment(ref _repeated);
            return reply;
        }
    }
}
