using OrleansSagas.Decisions;
using OrleansSagas.Engine.Tests;
using OrleansSagas.Execution;
using OrleansSagas.Orleans;
using OrleansSagas.Orleans.Messages;
using OrleansSagas.Orleans.Placement;
using OrleansSagas.Plans;
using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Orleans.Tests;

/// <summary>
/// A silo that meets what it cannot read leaves it to one that says it can read more; only where none lives does it say that the saga is
/// held.
/// </summary>
public sealed class StoredFormTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly SagaKey Key = new(new SagaId("x"));

    private readonly Gate _gate = new();

    /// <summary>A silo, one that says that it is newer, and a saga that nobody holds and that has an entry which neither knows.</summary>
    private async Task<ClusterFixture> StartAsync()
    {
        var cluster = await new ClusterFixture(
            Jobs.Define().Step("a", step => step.Do((_, _) => _gate.PassAsync())).Keyed("b", new TestService()).Build()
        ).StartAsync(1);
        cluster.PretendedForm = StoredForm.Newest + 1;
        await cluster.AddAsync();
        Assert.IsType<SagaResult.Accepted>(await cluster.SagasOf(0).StartAsync(ClusterFixture.Start("job", "x"), CancellationToken.None));
        await _gate.Entered;
        Assert.IsType<SagaResult.Accepted>(await ActAsync(cluster, OperatorAction.Pause));
        _gate.Open();
        await Wait.UntilAsync(() => cluster.Held() == 0, "no saga in memory");
        await UnreadableTests.WriteUnknownAsync(cluster.Store, Key);
        return cluster;
    }

    private static Task<SagaResult> ActAsync(ClusterFixture cluster, OperatorAction verb) =>
        cluster
            .SagasOf(0)
            .ActAsync(
                new OperatorCommand
                {
                    Saga = Key,
                    Verb = verb,
                    Reason = "why not",
                },
                CancellationToken.None
            );

    /// <summary>Wakes the saga at the older silo.</summary>
    private static async Task WakeAsync(ClusterFixture cluster)
    {
        Task<bool?> waking;
        using (ClusterSilos.Towards(cluster.Silos[0].SiloAddress))
            waking = cluster.Of<IGrainFactory>(0).Saga(Key).WakeAsync();
        await waking;
    }

    /// <summary>Who has said that the saga is held.</summary>
    private static async Task<string[]> HoldersAsync(ClusterFixture cluster)
    {
        var began = Environment.TickCount64;
        while ((await cluster.Store.LoadAsync(Key, CancellationToken.None))!.Row.Status != SagaStatus.Held)
        {
            Assert.True(Environment.TickCount64 - began < Patience.TotalMilliseconds, $"Waited {Patience} for the saga to be held.");
            await Task.Delay(20);
        }

        return [.. cluster.Warnings.Where(IsHeld).Select(warning => warning.Silo).Distinct()];

        static bool IsHeld((string Silo, string Text) warning) =>
            warning.Text.Contains("'of-tomorrow' is not known here", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Act_WhenANewerSiloLives_IsAnsweredThere()
    {
        await using var cluster = await StartAsync();
        var refused = Assert.IsType<SagaResult.Refused>(await ActAsync(cluster, OperatorAction.Resume).WaitAsync(Patience));
        Assert.Contains("'of-tomorrow' is not known here", refused.Detail);
        Assert.Equal([cluster.Silos[1].Name], await HoldersAsync(cluster));
    }

    [Fact]
    public async Task Wake_WhenANewerSiloLives_IsLeftToIt()
    {
        await using var cluster = await StartAsync();
        await WakeAsync(cluster);
        Assert.Equal([cluster.Silos[1].Name], await HoldersAsync(cluster));
    }

    /// <summary>Nobody repeats what a step has answered: it is not lost with the silo that cannot write it down.</summary>
    [Fact]
    public async Task LateSuccess_WhenANewerSiloLives_IsSentOnToIt()
    {
        await using var cluster = await StartAsync();
        var success = new SagaCommand.Answer(StepPath.Root("b"), StepDirection.Do, 1, 1, new StepOutcome.Succeeded());
        using (ClusterSilos.Towards(cluster.Silos[0].SiloAddress))
            _ = await cluster
                .Of<IGrainFactory>(0)
                .Saga(Key)
                .SendAsync(
                    new SagaEnvelope(new CommandEnvelope { Input = success }, new SagaMessage(new CommandEnvelope { Input = success }))
                );
        await Wait.UntilAsync(
            () =>
                cluster.Warnings.Any(warning =>
                    warning.Text.Contains("Step 'b' succeeded, and the saga cannot go on here.", StringComparison.Ordinal)
                ),
            "the success is reported"
        );
        Assert.Equal([cluster.Silos[1].Name], cluster.Warnings.Select(warning => warning.Silo).Distinct());
    }

    [Fact]
    public async Task Wake_WhenTheNewerSiloIsGone_SaysThatItIsHeld()
    {
        await using var cluster = await StartAsync();
        var (older, newer) = (cluster.Silos[0].Name, cluster.Silos[1]);
        await cluster.KillAsync(newer);
        await WakeAsync(cluster);
        Assert.Equal([older], await HoldersAsync(cluster));
    }
}
