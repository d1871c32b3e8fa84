using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansSagas.Engine.Tests;

public sealed class DefinitionTests
{
    private static SagaBuilder<Job> Good(string type = "job", int version = 1) => Jobs.Define(type, version).Step("a", Act);

    private static void Act(StepBuilder<Job> step) => step.Do((_, _) => Task.CompletedTask);

    /// <summary>What is stored is shown to others as it is, inside of other JSON: so it must be JSON, and not too deep.</summary>
    [Theory]
    [InlineData("""{"Name":"a","x":/* why not */1}""")]
    [InlineData("""{"Name":"a",}""")]
    [InlineData(
        "{\"Name\":\"a\",\"x\":"
            + "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
            + "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"
    )]
    public async Task Json_ThatReadsMoreThanJson_DoesNotWhenDataIsRead(string data)
    {
        var json = new JsonSerializerOptions
        {
            ReadCommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
            MaxDepth = 500,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
        await using var engine = await new EngineFixture(Saga.Define<Job>("job", 1, json).Step("a", Act).Build()).StartAsync();
        var refused = Assert.IsType<SagaResult.Refused>(
            await engine.Sagas.StartAsync(new StartSaga { Type = "job", Data = Encoding.UTF8.GetBytes(data) }, CancellationToken.None)
        );
        Assert.Equal(SagaRefusal.InvalidData, refused.Refusal);
        Assert.IsType<SagaResult.Accepted>(
            await engine.Sagas.StartAsync(new StartSaga { Type = "job", Data = """{"Name":"a"}"""u8.ToArray() }, CancellationToken.None)
        );
    }

    private static readonly Dictionary<string, (Func<SagaBuilder<Job>> Define, string[] Says)> Faults = new()
    {
        ["bad type"] = (() => Good("no good"), ["Saga 'no good'", "1 to 64 characters"]),
        ["no type"] = (() => Good(""), ["Saga ''", "1 to 64 characters"]),
        ["long type"] = (() => Good(new string('x', 65)), ["1 to 64 characters"]),
        ["version"] = (() => Good(version: 0), ["Saga 'job'", "versions count from 1"]),
        ["no deadline"] = (() => Good().Deadline(TimeSpan.Zero), ["Saga 'job'", "deadline"]),
        ["long deadline"] = (() => Good().Deadline(TimeSpan.FromDays(4000)), ["Saga 'job'", "ten years"]),
        ["no steps"] = (() => Jobs.Define(), ["Saga 'job'", "has 0 steps"]),
        ["many steps"] = (
            () => Enumerable.Range(0, 1_001).Aggregate(Jobs.Define(), (saga, i) => saga.Step($"s{i}", Act)),
            ["has 1001 steps"]
        ),
        ["many tags"] = (() => Enumerable.Range(0, 17).Aggregate(Good(), (saga, i) => saga.Tag($"t{i}", job => job.Name)), ["has 17 tags"]),
        ["bad tag"] = (() => Good().Tag("no good", job => job.Name), ["the tag 'no good'"]),
        ["tag twice"] = (() => Good().Tag("t", job => job.Name).Tag("t", job => job.Name), ["the tag 't' is defined twice"]),
        ["bad step"] = (() => Good().Step("no good", Act), ["step 'no good'", "1 to 64 characters"]),
        ["slash"] = (() => Good().Step("a/b", Act), ["step 'a/b'", "1 to 64 characters"]),
        ["step twice"] = (() => Good().Step("a", Act), ["Saga 'job'", "step 'a'", "exists already"]),
        ["no action"] = (() => Good().Step("b", _ => { }), ["step 'b'", "no action"]),
        ["undo without action"] = (
            () => Good().Step("b", step => step.Undo((_, _) => Task.CompletedTask)),
            ["step 'b'", "an undo but no action"]
        ),
        ["two actions"] = (
            () => Good().Step("b", step => step.Do((_, _) => Task.CompletedTask).Do((_, _) => Task.CompletedTask)),
            ["step 'b'", "two actions"]
        ),
        ["two undos"] = (
            () =>
                Good()
                    .Step(
                        "b",
                        step => step.Do((_, _) => Task.CompletedTask).Undo((_, _) => Task.CompletedTask).Undo((_, _) => Task.CompletedTask)
                    ),
            ["step 'b'", "two undos"]
        ),
        ["zero timeout"] = (() => With(step => step.Timeout(TimeSpan.Zero)), ["step 'b'", "its timeout"]),
        ["long timeout"] = (() => With(step => step.Timeout(TimeSpan.FromDays(2))), ["step 'b'", "at most one day"]),
        ["zero undo timeout"] = (() => With(step => step.UndoTimeout(TimeSpan.Zero)), ["step 'b'", "its undo's timeout"]),
        ["no attempts"] = (
            () => With(step => step.Retry(new RetryPolicy { MaxAttempts = 0 })),
            ["step 'b'", "its retry policy", "MaxAttempts"]
        ),
        ["negative delay"] = (
            () => With(step => step.Retry(new RetryPolicy { Delay = TimeSpan.FromSeconds(-1) })),
            ["its retry policy", "Delay"]
        ),
        ["delay over maximum"] = (
            () => With(step => step.UndoRetry(new RetryPolicy { Delay = TimeSpan.FromHours(1) })),
            ["step 'b'", "its undo's retry policy", "MaxDelay"]
        ),
        ["long delay"] = (() => With(step => step.Retry(new RetryPolicy { MaxDelay = TimeSpan.FromDays(366) })), ["longer than a year"]),
        ["factor"] = (() => With(step => step.Retry(new RetryPolicy { Factor = 0.5 })), ["Factor"]),
        ["no number"] = (() => With(step => step.Retry(new RetryPolicy { Factor = double.NaN })), ["Factor"]),
        ["no exception"] = (
            () => With(step => step.Retry(new RetryPolicy { NonRetryableErrors = [typeof(string)] })),
            ["its retry policy", "System.String", "no exception"]
        ),
        ["no name"] = (() => With(step => step.Retry(new RetryPolicy { NonRetryableErrors = [""] })), ["NonRetryableErrors", "empty"]),
        ["zero timeout of all"] = (() => With(_ => { }).Steps(step => step.Timeout(TimeSpan.Zero)), ["its timeout"]),
        ["no attempts of all"] = (
            () => With(_ => { }).Steps(step => step.UndoRetry(new RetryPolicy { MaxAttempts = 0 })),
            ["its undo's retry policy", "MaxAttempts"]
        ),
    };

    [Fact]
    public void Steps_HoldForTheStepsThatDoNotSayOtherwise()
    {
        var (all, own) = (new RetryPolicy { MaxAttempts = 7 }, new RetryPolicy { MaxAttempts = 2 });
        var (second, minute) = (TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        static void Act(StepBuilder<Job> step) => step.Do((_, _) => Task.CompletedTask);

        var plan = Jobs.Define()
            .Step("before", Act)
            .Steps(step => step.Retry(all).UndoRetry(all).Timeout(second))
            .Step(
                "own",
                step =>
                {
                    Act(step);
                    step.Retry(own).UndoTimeout(minute);
                }
            )
            .Build()
            .Plan;

        Assert.Equal((all, all, second, second), Said(plan.Steps[0]));
        Assert.Equal((own, all, second, minute), Said(plan.Steps[1]));
        var plain = Jobs.Define().Step("a", Act).Build().Plan.Steps[0];
        Assert.Equal((RetryPolicy.Default, RetryPolicy.DefaultUndo, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30)), Said(plain));
        var slow = Jobs.Define().Step("a", step => step.Do((_, _) => Task.CompletedTask).Timeout(minute)).Build().Plan.Steps[0];
        Assert.Equal((minute, minute), (slow.Timeout, slow.UndoTimeout));

        static (RetryPolicy, RetryPolicy, TimeSpan, TimeSpan) Said(Plans.PlanStep step) =>
            (step.Retry, step.UndoRetry, step.Timeout, step.UndoTimeout);
    }

    [Theory]
    [InlineData("ArgumentException", true)]
    [InlineData("System.ArgumentException", true)]
    [InlineData("ArgumentOutOfRangeException", true)]
    [InlineData("Exception", true)]
    [InlineData("Argument", false)]
    [InlineData("System.Argument", false)]
    [InlineData("argumentexception", false)]
    [InlineData("Object", false)]
    [InlineData("OutOfRangeException", false)]
    public void NonRetryableErrors_ByName_AreThoseOfTheClassAndItsBases(string name, bool fits) =>
        Assert.Equal(
            fits,
            !Execution.StepExecutor.WorthRetrying(
                new RetryPolicy { NonRetryableErrors = [typeof(FormatException), name] },
                new ArgumentOutOfRangeException(nameof(name))
            )
        );

    public static TheoryData<string> Names => [.. Faults.Keys];

    private static SagaBuilder<Job> With(Action<StepBuilder<Job>> define) =>
        Good()
            .Step(
                "b",
                step =>
                {
                    Act(step);
                    define(step);
                }
            );

    [Theory]
    [MemberData(nameof(Names))]
    public void Build_WhenTheDefinitionCannotWork_SaysWhatAndWhere(string fault)
    {
        var (define, says) = Faults[fault];
        var exception = Assert.Throws<SagaDefinitionException>(() => define().Build());
        foreach (var text in says)
            Assert.Contains(text, exception.Message);
    }

    [Fact]
    public void Catalog_WhenAVersionIsDefinedTwice_SaysWhich()
    {
        var exception = Assert.Throws<SagaDefinitionException>(() =>
            new SagaCatalog([Good().Build(), Good(version: 2).Build(), Good(version: 2).Build()])
        );
        Assert.Contains("Saga 'job': version 2 is defined twice", exception.Message);
    }

    [Fact]
    public void Catalog_WhenNoVersionIsNamed_FindsTheNewest()
    {
        var catalog = new SagaCatalog([Good(version: 2).Build(), Good(version: 10).Build(), Good().Build()]);
        Assert.Equal(10, catalog.Find("job")!.Plan.Version);
        Assert.Null(catalog.Find("job", 3));
        Assert.Null(catalog.Find("JOB"));
    }
}
