using System.Collections.Immutable;
using System.Text.Json;
using OrleansSagas.Decisions;
using OrleansSagas.Execution;
using OrleansSagas.Payloads;
using OrleansSagas.Plans;
using OrleansSagas.Storage;

namespace OrleansSagas.Tests;

/// <summary>What goes from silo to silo, where the two may be of neighbouring versions: the texts are not free to change.</summary>
public sealed class TravelJsonTests
{
    private static readonly SagaKey Key = new("shop", new SagaId("s-1"));
    private static readonly StepPath Step = StepPath.Root("pay");
    private static readonly StoredRequest Request = new(new RequestKey("shop", "billing", "r-1"), new byte[] { 1, 2, 255 }, Key.Id);
    private static readonly PlanIdentity Plan = new("order", 3, "0123");

    private static readonly SagaView View = new()
    {
        Id = Key.Id,
        Type = "order",
        Version = 3,
        Status = SagaStatus.Running,
        StartedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        UpdatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero),
        Revision = 1,
    };

    private static readonly (string Name, CommandEnvelope Call, string Json)[] Calls =
    [
        (
            "start",
            new()
            {
                Input = new SagaCommand.Start(Key, new Payload("{}"u8.ToArray(), Codec: "aes", KeyId: "k"), "c", new SagaId("parent"))
                {
                    RootId = new SagaId("root"),
                    Headers = SagaHeaders.Of(new Dictionary<string, string> { ["tenant"] = "acme" }),
                },
                Plan = Plan,
                Actor = "ann",
                TraceParent = "00-t",
                Request = Request,
                WantsView = false,
                IsUnchecked = true,
            },
            """
            {"input":{"command":"start","key":{"namespace":"shop","id":"s-1"},
            "data":{"bytes":"e30=","contentType":"application/json","codec":"aes","keyId":"k"},
            "correlationId":"c","parentId":"parent","rootId":"root","headers":{"tenant":"acme"}},
            "plan":{"type":"order","version":3,"fingerprint":"0123"},"actor":"ann","traceParent":"00-t",
            "request":{"key":{"namespace":"shop","caller":"billing","key":"r-1"},"hash":"AQL/","saga":"s-1","hashVersion":1},
            "wantsView":false,"isUnchecked":true}
            """
        ),
        ("time", Asking(new SagaCommand.TimePassed()), Asked("""{"command":"time-passed"}""")),
        ("cancel", Asking(new SagaCommand.Cancel("why")), Asked("""{"command":"cancel","note":"why"}""")),
        ("terminate", Asking(new SagaCommand.Terminate()), Asked("""{"command":"terminate"}""")),
        ("pause", Asking(new SagaCommand.Pause("why")), Asked("""{"command":"pause","note":"why"}""")),
        ("resume", Asking(new SagaCommand.Resume()), Asked("""{"command":"resume"}""")),
        ("retry", Asking(new SagaCommand.RetryUndo(Step, "why")), Asked("""{"command":"retry-undo","path":"pay","note":"why"}""")),
        ("skip", Asking(new SagaCommand.SkipUndo(null, "why")), Asked("""{"command":"skip-undo","note":"why"}""")),
        ("resolve", Asking(new SagaCommand.ResolveUndo(Step)), Asked("""{"command":"resolve-undo","path":"pay"}""")),
        (
            "late success",
            Asking(new SagaCommand.Answer(Step, StepDirection.Undo, 2, 3, new StepOutcome.Succeeded())),
            Asked("""{"command":"answer","path":"pay","direction":"Undo","run":2,"attempt":3,"outcome":{"outcome":"succeeded"}}""")
        ),
    ];

    private static readonly (string Name, CommandResult Result, string Json)[] Results =
    [
        ("taken", new CommandResult.Taken(null), """{"result":"taken"}"""),
        (
            "repeated",
            new CommandResult.Repeated(Request),
            """
            {"result":"repeated","earlier":{"key":{"namespace":"shop","caller":"billing","key":"r-1"},
            "hash":"AQL/","saga":"s-1","hashVersion":1}}
            """
        ),
        (
            "refused",
            new CommandResult.Refused(RejectionKind.NotPossible, "no"),
            """{"result":"refused","kind":"NotPossible","message":"no"}"""
        ),
        ("unavailable", new CommandResult.Unavailable("no"), """{"result":"unavailable","message":"no"}"""),
        ("overloaded", new CommandResult.Overloaded("no"), """{"result":"overloaded","message":"no"}"""),
        ("moved", new CommandResult.Moved("silo"), """{"result":"moved","leaving":"silo"}"""),
        (
            "elsewhere",
            new CommandResult.Elsewhere(new SagaNeeds(Plan, 2)),
            """{"result":"elsewhere","needs":{"plan":{"type":"order","version":3,"fingerprint":"0123"},"form":2}}"""
        ),
    ];

    public static TheoryData<string> CallNames => [.. Calls.Select(call => call.Name)];

    public static TheoryData<string> ResultNames => [.. Results.Select(result => result.Name)];

    [Theory, MemberData(nameof(CallNames))]
    public void Call_HasThisText_AndComesBackAsItWas(string name)
    {
        var (_, call, json) = Calls.Single(known => known.Name == name);

        Assert.Equal(Line(json), JsonSerializer.Serialize(call, TravelJson.Default.CommandEnvelope));
        Assert.Equal(Line(json), AgainOf(json, TravelJson.Default.CommandEnvelope));
        Assert.IsType(call.Input.GetType(), JsonSerializer.Deserialize(json, TravelJson.Default.CommandEnvelope)!.Input);
    }

    [Theory, MemberData(nameof(ResultNames))]
    public void Result_HasThisText_AndComesBackAsItWas(string name)
    {
        var (_, result, json) = Results.Single(known => known.Name == name);

        Assert.Equal(Line(json), JsonSerializer.Serialize(result, TravelJson.Default.CommandResult));
        Assert.Equal(Line(json), AgainOf(json, TravelJson.Default.CommandResult));
        Assert.IsType(result.GetType(), JsonSerializer.Deserialize(json, TravelJson.Default.CommandResult));
    }

    [Fact]
    public void View_ComesBackAsItWas()
    {
        var json = JsonSerializer.Serialize(new CommandResult.Taken(View), TravelJson.Default.CommandResult);

        var taken = Assert.IsType<CommandResult.Taken>(JsonSerializer.Deserialize(json, TravelJson.Default.CommandResult));

        Assert.Equal(
            JsonSerializer.Serialize(View, SagaJsonContext.Default.SagaView),
            JsonSerializer.Serialize(taken.View, SagaJsonContext.Default.SagaView)
        );
    }

    [Fact]
    public void EveryCommand_ThatMayComeFromOutside_AndEveryResult_HasAText()
    {
        Type[] own = [typeof(SagaCommand.TakeOver), typeof(SagaCommand.Interrupt)];

        Assert.Equal(CasesOf(typeof(SagaCommand)).Except(own), NamesOf(Calls.Select(call => (object)call.Call.Input)));
        Assert.Equal(CasesOf(typeof(CommandResult)), NamesOf(Results.Select(result => (object)result.Result)));

        static IEnumerable<Type> CasesOf(Type list) => list.GetNestedTypes().Where(list.IsAssignableFrom).OrderBy(type => type.Name);
        static IEnumerable<Type> NamesOf(IEnumerable<object> values) =>
            values.Select(value => value.GetType()).Distinct().OrderBy(type => type.Name);
    }

    /// <summary>
    /// What an owner says to itself never leaves it, nor does a failure: another owner would take it for a fact of its own.
    /// </summary>
    [Fact]
    public void WhatIsOfTheOwner_DoesNotTravel()
    {
        SagaCommand[] own =
        [
            new SagaCommand.TakeOver(new Incarnation(1), true),
            new SagaCommand.Interrupt(Step, StepDirection.Do, 1, 1),
            new SagaCommand.Answer(Step, StepDirection.Do, 1, 1, new StepOutcome.Failed(new SagaError("x", "y"))),
            new SagaCommand.Answer(Step, StepDirection.Do, 1, 1, new StepOutcome.Rejected(new SagaError("x", "y"))),
        ];

        Assert.All(
            own,
            command =>
                Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize(Asking(command), TravelJson.Default.CommandEnvelope))
        );
    }

    /// <summary>Where the attempts in flight and the data that were read are is of no use elsewhere.</summary>
    [Fact]
    public void WhatIsOfTheProcess_StaysThere()
    {
        var json = JsonSerializer.Serialize(
            Asking(new SagaCommand.Cancel("why") { InFlight = [Step] }) with
            {
                StartData = new object(),
            },
            TravelJson.Default.CommandEnvelope
        );

        Assert.Equal(Asked("""{"command":"cancel","note":"why"}"""), json);
    }

    [Theory]
    [InlineData("""{"command":"teleport"}""")]
    [InlineData("""{"note":"why"}""")]
    [InlineData("""{"command":"start","data":{"bytes":""}}""")]
    [InlineData("""{"command":"answer","path":"pay","direction":"Sideways","run":2,"attempt":3,"outcome":{"outcome":"succeeded"}}""")]
    [InlineData("""{"command":"answer","path":"pay","direction":"Do","run":2,"attempt":3,"outcome":{"outcome":"failed"}}""")]
    [InlineData("null")]
    public void Command_ThatIsNotKnownHere_IsAnError_NotAGuess(string command)
    {
        Assert.ThrowsAny<Exception>(() => JsonSerializer.Deserialize(Asked(command), TravelJson.Default.CommandEnvelope));
    }

    [Fact]
    public void Start_WithoutHeaders_HasNone()
    {
        var call = JsonSerializer.Deserialize(
            Asked("""{"command":"start","key":{"namespace":"shop","id":"s-1"},"data":{"bytes":"e30="}}"""),
            TravelJson.Default.CommandEnvelope
        );

        Assert.Same(SagaHeaders.None, Assert.IsType<SagaCommand.Start>(call!.Input).Headers);
    }

    [Fact]
    public void Member_OfANewerSilo_IsLeftAside()
    {
        var call = JsonSerializer.Deserialize(
            """{"colour":"blue","input":{"command":"pause","note":"why","until":5}}""",
            TravelJson.Default.CommandEnvelope
        );

        Assert.Equal(new SagaCommand.Pause("why"), call!.Input with { InFlight = ImmutableArray<StepPath>.Empty });
    }

    private static CommandEnvelope Asking(SagaCommand command) => new() { Input = command };

    private static string Asked(string command) => $$"""{"input":{{command}},"wantsView":true,"isUnchecked":false}""";

    /// <summary>A text that is broken for its reader is one line.</summary>
    private static string Line(string json) => string.Concat(json.Split('\n'));

    private static string AgainOf<T>(string json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Serialize(JsonSerializer.Deserialize(json, type)!, type);
}
