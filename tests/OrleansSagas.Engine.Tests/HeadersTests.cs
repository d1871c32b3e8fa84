namespace OrleansSagas.Engine.Tests;

/// <summary>The headers that a saga is given at its start are there in every step.</summary>
public sealed class HeadersTests
{
    private static readonly Dictionary<string, string> Some = new(StringComparer.Ordinal)
    {
        ["Tenant"] = "acme",
        ["language"] = "de-AT \u00e4 \U0001F600",
        ["empty"] = "",
        ["odd"] = "a=b, c;\r\n\0",
    };

    [Fact]
    public async Task Headers_WhenASagaIsUndoneAfterARestart_AreThereInEveryStep()
    {
        var gate = new Gate();
        var seen = new System.Collections.Concurrent.ConcurrentQueue<(string Where, IReadOnlyDictionary<string, string> Headers)>();
        var calls = 0;
        await using var engine = await new EngineFixture(
            Jobs.Define()
                .Step("a", step => step.Do((_, context) => See("do a", context)).Undo((_, context) => See("undo a", context)))
                .Step(
                    "b",
                    step =>
                        step.Retry(Jobs.AtOnce(3))
                            .Do(
                                async (_, context) =>
                                {
                                    await See("do b", context);
                                    if (Interlocked.Increment(ref calls) == 1)
                                        await gate.PassAsync(context.Stopping);
                                    throw new StepRejectedException("No.");
                                }
                            )
                )
                .Build()
        ).StartAsync();
        var view = Assert.IsType<SagaResult.Accepted>(await engine.TryStartAsync("job", new Job(), headers: Some)).View;
        await gate.Entered;
        await engine.StopAsync();
        await engine.StartAsync();

        Assert.Equal(SagaStatus.Compensated, (await engine.EndAsync(view.Id)).Status);
        Assert.Equal(["do a", "do b", "do b", "undo a"], seen.Select(one => one.Where));
        Assert.All(seen, one => Assert.Equal(Some.OrderBy(header => header.Key, StringComparer.Ordinal), one.Headers));

        Task See(string where, StepContext context)
        {
            seen.Enqueue((where, context.Headers));
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Headers_WhenNoneWereGiven_AreEmpty()
    {
        IReadOnlyDictionary<string, string>? seen = null;
        await using var engine = await new EngineFixture(Showing(headers => seen = headers)).StartAsync();
        _ = await engine.RunAsync("job", new Job());
        Assert.Empty(seen!);
    }

    public static TheoryData<string, string, string> Bad =>
        new()
        {
            { "", "x", "A header's name has 1 to 128 characters" },
            { "a b", "x", "A header's name has 1 to 128 characters" },
            { "\u00e4", "x", "A header's name has 1 to 128 characters" },
            { new string('n', 129), "x", "A header's name has 1 to 128 characters" },
            { "a", "\ud800", "The header 'a' has text that is not Unicode" },
            { "a", new string('x', 8 * 1024), "The headers have 8,193 bytes or more; at most 8,192 are allowed." },
            { "a", new string('\u00e4', 4 * 1024), "The headers have 8,193 bytes or more; at most 8,192 are allowed." },
        };

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public async Task Start_WithHeadersThatAreNoneOrTooLong_IsRefused(string name, string value, string why)
    {
        await using var engine = await new EngineFixture(Jobs.Define().Keyed("a", new TestService()).Build()).StartAsync();
        var refused = Assert.IsType<SagaResult.Refused>(
            await engine.TryStartAsync("job", new Job(), headers: new Dictionary<string, string> { [name] = value })
        );
        Assert.Equal(SagaRefusal.InvalidRequest, refused.Refusal);
        Assert.StartsWith(why, refused.Detail, StringComparison.Ordinal);
        Assert.Empty((await engine.Sagas.ListAsync(new(), CancellationToken.None)).Items);
    }

    [Fact]
    public async Task Start_WithAsManyHeadersAsThereMayBe_IsTaken()
    {
        var longest = new Dictionary<string, string> { [new string('n', 128)] = new string('x', 8 * 1024 - 128) };
        var most = Enumerable.Range(0, 64).ToDictionary(number => $"n{number}", _ => "");
        await using var engine = await new EngineFixture(Jobs.Define().Keyed("a", new TestService()).Build()).StartAsync();
        foreach (var headers in (Dictionary<string, string>[])[longest, most])
            Assert.IsType<SagaResult.Accepted>(
                await engine.TryStartAsync("job", new Job(), headers: headers, wait: TimeSpan.FromSeconds(20))
            );
        most["one more"] = "";
        Assert.IsType<SagaResult.Refused>(await engine.TryStartAsync("job", new Job(), headers: most));
    }

    [Fact]
    public async Task Headers_WhenTheirNamesDifferInCase_AreTwoWhateverTheCallerHeldThemIn()
    {
        IReadOnlyDictionary<string, string>? seen = null;
        await using var engine = await new EngineFixture(Showing(headers => seen = headers)).StartAsync();
        var careless = System
            .Collections.Immutable.ImmutableSortedDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase)
            .Add("tenant", "acme");
        Assert.IsType<SagaResult.Accepted>(await engine.TryStartAsync("job", new Job(), headers: careless, wait: TimeSpan.FromSeconds(20)));
        Assert.Equal((true, false), (seen!.ContainsKey("tenant"), seen.ContainsKey("TENANT")));
    }

    /// <summary>A saga whose one step shows the headers that it is given.</summary>
    private static SagaDefinition Showing(Action<IReadOnlyDictionary<string, string>> show) =>
        Jobs.Define()
            .Step(
                "a",
                step =>
                    step.Do(
                        (_, context) =>
                        {
                            show(context.Headers);
                            return Task.CompletedTask;
                        }
                    )
            )
            .Build();
}
