using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace OrleansSagas.Engine.Tests;

/// <summary>The spans: one for each attempt and each commit, none for as long as a saga lasts.</summary>
public sealed class SagaActivitiesTests : IDisposable
{
    private const string Start = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";

    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;
    private readonly string _saga = $"traced-{Guid.NewGuid():N}";

    public SagaActivitiesTests()
    {
        // The source is the whole process's, and other tests run beside this one.
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "OrleansSagas",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if ((string?)span.GetTagItem("saga.id") == _saga)
                    _ended.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Attempt_HasATraceOfItsOwn_WithALinkToTheStart()
    {
        var (seen, calls) = (new ConcurrentQueue<string>(), 0);
        Task Traced(bool fails = false)
        {
            seen.Enqueue(Activity.Current!.TraceId.ToHexString());
            return fails && Interlocked.Increment(ref calls) == 1 ? throw new InvalidOperationException("Not yet.") : Task.CompletedTask;
        }

        await using var engine = await new EngineFixture(
            Jobs.Define()
                .Step("a", step => step.Do((_, _) => Traced()).Undo((_, _) => Traced()))
                .Step("b", step => step.Do((_, _) => Traced(fails: true)).Undo((_, _) => Traced()).Retry(Jobs.AtOnce(2)))
                .Step("c", step => step.Do((_, _) => throw new StepRejectedException("No.")))
                .Build()
        ).StartAsync();

        await RunAsync(engine);

        Assert.Equal(
            ["do a 1 success", "do b 1 error", "do b 2 success", "do c 1 rejected", "undo b 1 success", "undo a 1 success"],
            Attempts.Select(span => $"{span.DisplayName} {span.GetTagItem("saga.attempt")} {span.GetTagItem("outcome")}")
        );
        Assert.All(
            Attempts,
            span =>
            {
                Assert.Equal(default, span.ParentSpanId);
                Assert.Equal(Start, Id(Assert.Single(span.Links).Context));
                Assert.Equal("job", span.GetTagItem("saga.type"));
            }
        );
        var traces = Attempts.Select(span => span.TraceId.ToHexString()).ToList();
        Assert.Equal(traces.Distinct(), traces);
        Assert.Equal(traces.Where(seen.Contains), seen);
    }

    [Fact]
    public async Task Attempt_WhenItFails_SaysTheTypeOfTheErrorAndNothingOfItsText()
    {
        const string secret = "4000 0000 0000 0001";
        await using var engine = await new EngineFixture(
            Jobs.Define().Step("a", step => step.Do((_, _) => throw new InvalidOperationException(secret)).Retry(Jobs.AtOnce(1))).Build()
        ).StartAsync();

        await RunAsync(engine, new Job(secret));

        var failed = Assert.Single(Attempts);
        Assert.Equal(ActivityStatusCode.Error, failed.Status);
        Assert.Equal(("System.InvalidOperationException", null), (failed.GetTagItem("error.type"), failed.StatusDescription));
        Assert.All(_ended, span => Assert.Empty(span.Events));
        Assert.DoesNotContain(
            _ended.SelectMany(span => span.TagObjects),
            tag => tag.Value is string text && text.Contains("4000", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Commit_IsPartOfTheRequestThatWaitsForIt_AndElseHasATraceOfItsOwn()
    {
        var service = new TestService();
        await using var engine = await new EngineFixture(Jobs.Define().Keyed("a", service).Keyed("b", service).Build()).StartAsync();

        await RunAsync(engine);

        var commits = _ended.Where(span => span.DisplayName == "commit").ToList();
        Assert.Equal([1L, 2L, 4L], commits.Select(span => (long)span.GetTagItem("saga.revision")!));
        Assert.Equal((Start[3..35], Start[36..52]), (commits[0].TraceId.ToHexString(), commits[0].ParentSpanId.ToHexString()));
        Assert.Empty(commits[0].Links);
        Assert.All(
            commits.Skip(1),
            span =>
            {
                Assert.Equal(default, span.ParentSpanId);
                Assert.Equal(Start, Id(Assert.Single(span.Links).Context));
            }
        );
        Assert.All(commits, span => Assert.Equal("committed", span.GetTagItem("outcome")));
    }

    private List<Activity> Attempts => [.. _ended.Where(span => span.DisplayName != "commit")];

    private static string Id(ActivityContext context) => $"00-{context.TraceId}-{context.SpanId}-01";

    /// <summary>Runs a saga to its end, and until the spans of all that it did have ended.</summary>
    private async Task RunAsync(EngineFixture engine, Job? job = null)
    {
        var answer = await engine.Sagas.StartAsync(
            new StartSaga
            {
                Type = "job",
                Data = JsonSerializer.SerializeToUtf8Bytes(job ?? new Job(), JsonSerializerOptions.Web),
                Id = new SagaId(_saga),
                TraceParent = Start,
                Wait = TimeSpan.FromSeconds(30),
            },
            CancellationToken.None
        );
        Assert.True(Assert.IsType<SagaResult.Accepted>(answer).View.Status.IsTerminal());
        await engine.IdleAsync();
    }
}
