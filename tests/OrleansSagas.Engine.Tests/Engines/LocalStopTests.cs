using System.Text.Json;
using OrleansSagas.Storage;
using OrleansSagas.Storage.Sqlite;
using OrleansSagas.TestKit;

namespace OrleansSagas.Engine.Tests.Engines;

/// <summary>The last moment of a stop.</summary>
public sealed class LocalStopTests
{
    [Fact]
    public async Task Stop_WhenItSeesTheLastAttemptLeaveBeforeTheAnswerIsDealtWith_WritesTheAnswer()
    {
        using var folder = new TempFolder();
        var (turns, time) = (new EagerTurns(), new ManualTime());
        var (entered, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var runtime = new SagaRuntime(turns, time, SagaRuntime.System.Ids);
        var store = new FaultyStore(new SqliteSagaStore(new SqliteSagaStoreOptions { Path = folder.File("sagas.db") }, SagaRuntime.System));
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Do(
                        (_, _) =>
                        {
                            entered.SetResult();
                            return gate.Task;
                        }
                    )
            )
            .Build();
        var engine = await TestEngine.StartAsync(new EngineSetup(runtime, store, _ => { }, sagas => sagas.Add(saga)));
        var key = new SagaKey(new SagaId("last"));
        Assert.IsType<SagaResult.Accepted>(
            await engine.Sagas.StartAsync(
                new StartSaga
                {
                    Type = "job",
                    Id = key.Id,
                    Data = JsonSerializer.SerializeToUtf8Bytes(new Job(), JsonSerializerOptions.Web),
                },
                CancellationToken.None
            )
        );

        await entered.Task;

        // The store goes when the engine has stopped.
        var stopping = runtime.Start(async () =>
        {
            await engine.StopAsync();
            store.OnCommit = _ => Fault.NotCommitted;
        });
        await Wait.UntilAsync(() => turns.IsQuiet, "the stop to begin");
        time.Advance(TimeSpan.FromMilliseconds(5)); // it looks now and then whether an owner is busy
        await Wait.UntilAsync(() => turns.IsQuiet, "the stop to wait for the step");
        Assert.False(stopping.IsCompleted);

        // The step ends, and whoever can go on because of that goes on at once.
        turns.IsEager = true;
        gate.SetResult();
        turns.IsEager = false;
        await time.RunUntilAsync(stopping, TimeSpan.FromMilliseconds(10));
        var stored = await store.Inner.LoadAsync(key, CancellationToken.None);
        Assert.Equal(SagaStatus.Completed, stored!.Row.Status);
        await engine.DisposeAsync();
    }

    /// <summary>The thread pool; or, while it is eager, whoever makes something possible does it at once.</summary>
    private sealed class EagerTurns : TaskScheduler
    {
        private int _waiting;

        public volatile bool IsEager;

        /// <summary>Whether nothing runs and nothing is to be run.</summary>
        public bool IsQuiet => Volatile.Read(ref _waiting) == 0;

        protected override void QueueTask(Task task)
        {
            Interlocked.Increment(ref _waiting);
            if (IsEager)
                Execute(task);
            else
                ThreadPool.UnsafeQueueUserWorkItem(Execute, task, preferLocal: false);
        }

        private void Execute(Task task)
        {
            TryExecuteTask(task);
            Interlocked.Decrement(ref _waiting);
        }

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks() => [];
    }
}
