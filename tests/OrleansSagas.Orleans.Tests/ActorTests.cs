using System.Collections.Concurrent;
using System.Text.Json;
using Orleans.Runtime;
using OrleansSagas.Decisions;
using OrleansSagas.Engine.Tests;
using OrleansSagas.Execution;
using OrleansSagas.Orleans;
using OrleansSagas.Orleans.Messages;
using OrleansSagas.Payloads;
using OrleansSagas.Storage;
using OrleansSagas.TestKit;

namespace OrleansSagas.Orleans.Tests;

/// <summary>The grain is the saga's actor.</summary>
public sealed class ActorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Step_WhenItsCallerHasAContext_SeesNothingOfIt()
    {
        var (seen, mine) = (new ConcurrentQueue<object?>(), new AsyncLocal<string?>());
        var saga = Jobs.Define().Step("a", step => step.Do((_, _) => SeeAsync())).Step("b", step => step.Do((_, _) => SeeAsync())).Build();
        await using var cluster = await new ClusterFixture(saga).StartAsync(2);
        RequestContext.Set("who", "anna");
        mine.Value = "anna";
        for (var i = 0; i < 4; i++)
        {
            // By way of its own silo's service, and by a grain call from outside.
            var start = ClusterFixture.Start("job", $"c{i}", requestId: $"c{i}");
            Assert.IsType<SagaResult.Accepted>(await cluster.SagasOf(i % 2).StartAsync(start, CancellationToken.None));
            await cluster.Client.Saga(new SagaKey(start.Id!.Value)).WakeAsync();
            await cluster.EndAsync($"c{i}", Patience);
        }

        Assert.Equal(16, seen.Count);
        Assert.All(seen, Assert.Null);

        Task SeeAsync()
        {
            seen.Enqueue(RequestContext.Get("who"));
            seen.Enqueue(mine.Value);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Start_WhenRepeatsMeetNowhereButInTheCommit_IsOneSaga()
    {
        var saga = Jobs.Define().Step("a", step => step.Do((_, _) => Task.CompletedTask)).Build();
        await using var cluster = await new ClusterFixture(saga).StartAsync(2);
        for (var round = 0; round < 10; round++)
        {
            // Past the dispatcher and the request's grain: each with an id of its own, as a start without an id has.
            var replies = await Task.WhenAll(
                Enumerable.Range(0, 12).Select(i => AskAsync(i, new SagaKey(new SagaId($"r{round}-{i}")), $"request {round}"))
            );
            var taken = Assert.Single(replies.OfType<CommandResult.Taken>());
            Assert.All(replies.OfType<CommandResult.Repeated>(), repeated => Assert.Equal(taken.View!.Id, repeated.Earlier.Saga));
            Assert.Equal(12, 1 + replies.OfType<CommandResult.Repeated>().Count());
        }

        Assert.Equal(10, (await cluster.SagasOf(0).ListAsync(new SagaQuery { Limit = 1_000 }, CancellationToken.None)).Items.Count);

        async Task<CommandResult> AskAsync(int silo, SagaKey key, string request)
        {
            var data = JsonSerializer.SerializeToUtf8Bytes(new Job("x"), JsonSerializerOptions.Web);
            var call = new CommandEnvelope
            {
                Input = new SagaCommand.Start(key, new IdentityPayloadCodec().Encode(data, Payload.Json), null),
                Plan = saga.Plan.Identity,
                Request = new StoredRequest(new RequestKey(key.Namespace, SagaCallers.Local, request), new byte[32], key.Id),
            };
            return (await cluster.Of<IGrainFactory>(silo % 2).Saga(key).SendAsync(new SagaEnvelope(call)))!.Reply;
        }
    }

    [Fact]
    public async Task Stop_WhenASiloTakesDirectoryEntriesAlong_WhatRunsElsewhereGoesOn()
    {
        const int count = 40;
        var (calls, gate) = (new ConcurrentDictionary<string, int>(), new Gate());
        var saga = Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Do(
                        (job, context) =>
                        {
                            calls.AddOrUpdate(job.Name, 1, (_, earlier) => earlier + 1);
                            return gate.PassAsync(context.Cancellation);
                        }
                    )
            )
            .Build();
        await using var cluster = await new ClusterFixture(saga).StartAsync(3);
        for (var i = 0; i < count; i++)
            Assert.IsType<SagaResult.Accepted>(
                await cluster.SagasOf(0).StartAsync(ClusterFixture.Start("job", $"d{i}"), CancellationToken.None)
            );
        await Wait.UntilAsync(() => calls.Count == count, "every step to run");

        // A third of the directory goes with it: so many activations are lost at the silo that holds the sagas.
        await cluster.StopAsync(cluster.Silos[2]);
        await Wait.UntilAsync(() => cluster.Held() == count, "every saga to be held");
        gate.Open();
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(SagaStatus.Completed, (await cluster.EndAsync($"d{i}", Patience)).Status);
            var history = await cluster.Store.ReadHistoryAsync(new SagaKey(new SagaId($"d{i}")), 0, 100, CancellationToken.None);
            Assert.Equal(["started", "step-succeeded", "ended"], history!.Select(entry => entry.Name));
        }

        Assert.All(calls.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public async Task Deactivate_WhenAStepRuns_RecordsThatItWasInterruptedAndCountsNothing()
    {
        var (gates, calls) = (new[] { new Gate(), new Gate() }, 0);
        var saga = Jobs.Define()
            .Step(
                "a",
                step => step.Do((_, context) => gates[Math.Min(1, Interlocked.Increment(ref calls) - 1)].PassAsync(context.Cancellation))
            )
            .Build();
        await using var cluster = await new ClusterFixture(saga).StartAsync(2);
        var key = new SagaKey(new SagaId("taken"));
        Assert.IsType<SagaResult.Accepted>(
            await cluster.SagasOf(0).StartAsync(ClusterFixture.Start("job", key.Id.Value), CancellationToken.None)
        );
        await gates[0].Entered;
        await cluster.DeactivateAsync(key);
        await gates[1].Entered;
        gates[1].Open();
        Assert.Equal(SagaStatus.Completed, (await cluster.EndAsync(key.Id.Value, Patience)).Status);
        var history = await cluster.Store.ReadHistoryAsync(key, 0, 100, CancellationToken.None);
        Assert.Equal(["started", "step-interrupted", "adopted", "step-succeeded", "ended"], history!.Select(entry => entry.Name));
    }
}
