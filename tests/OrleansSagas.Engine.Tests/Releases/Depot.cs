namespace OrleansSagas.Engine.Tests.Releases;

/// <summary>
/// What the sagas in the databases of the releases do. It is part of those databases: the definitions are never changed.
/// A later release that can do more defines another type beside them.
/// </summary>
internal sealed class Depot
{
    private static readonly RetryPolicy Retry = new()
    {
        MaxAttempts = 3,
        Delay = TimeSpan.FromMinutes(1),
        MaxDelay = TimeSpan.FromMinutes(1),
    };

    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private readonly Dictionary<string, DepotTrouble> _troubles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Gate> _gates = new(StringComparer.Ordinal);

    public TestService Service { get; } = new();

    public SagaDefinition[] Definitions =>
        [Define("parcel", TimeSpan.FromDays(30)), Define("letter", TimeSpan.FromMinutes(10)), Define("note", TimeSpan.FromDays(30))];

    /// <summary>The definitions of a program that has lost one, whose sagas are held.</summary>
    public SagaDefinition[] AllButNotes => [.. Definitions.Where(definition => definition.Plan.Type != "note")];

    /// <summary>
    /// Before anything is started: what goes wrong with one call of one saga, such as <c>do send 1</c>; with all attempts: <c>do send</c>.
    /// </summary>
    public Depot With(string saga, string call, DepotTrouble trouble)
    {
        _troubles.Add($"{saga}: {call}", trouble);
        if (trouble == DepotTrouble.Hangs)
            _gates.Add($"{saga}: {call}", new Gate());
        return this;
    }

    /// <summary>Nothing goes wrong with a saga any more.</summary>
    public void Repair(string saga)
    {
        foreach (var call in _troubles.Keys.Where(call => call.StartsWith(saga + ":", StringComparison.Ordinal)).ToList())
            _troubles.Remove(call);
    }

    /// <summary>Waits until the call hangs.</summary>
    public Task HangsAsync(string saga, string call) => _gates[$"{saga}: {call}"].Entered;

    private SagaDefinition Define(string type, TimeSpan deadline) =>
        Saga.Define<Parcel>(type, version: 1)
            .Deadline(deadline)
            .Tag("to", parcel => parcel.To)
            .Step("weigh", step => step.Timeout(Patience).Retry(Retry).Do((_, context) => DoAsync(context)))
            .Step(
                "pack",
                step =>
                    step.Timeout(Patience)
                        .Retry(Retry)
                        .UndoRetry(Retry)
                        .Do(async (_, context) => await DoAsync(context), (parcel, box) => parcel with { Box = box })
                        .Undo((_, context) => UndoAsync(context))
            )
            .Step(
                "send",
                step =>
                    step.Timeout(Patience)
                        .Retry(Retry)
                        .UndoRetry(Retry)
                        .Do(async (_, context) => await DoAsync(context), Tracked)
                        .Undo((_, context) => UndoAsync(context))
            )
            .Step(
                "bill",
                step =>
                    step.Timeout(Patience)
                        .Retry(Retry)
                        .UndoRetry(Retry)
                        .Do((_, context) => DoAsync(context))
                        .Undo((_, context) => UndoAsync(context))
            )
            .Build();

    private static Parcel Tracked(Parcel parcel, string track) =>
        parcel.To == "nowhere" ? throw new FormatException("Nowhere is no place.") : parcel with { Track = track };

    private async Task<string> DoAsync(StepContext context)
    {
        await MeetAsync(context, "do");
        Service.Do(context);
        return $"{context.Step}-1";
    }

    private async Task UndoAsync(UndoContext context)
    {
        await MeetAsync(context, "undo");
        Service.Undo(context);
    }

    private async Task MeetAsync(StepContext context, string verb)
    {
        var call = $"{context.SagaId}: {verb} {context.Step} {context.Attempt}";
        if (
            !_troubles.TryGetValue(call, out var trouble) && !_troubles.TryGetValue($"{context.SagaId}: {verb} {context.Step}", out trouble)
        )
            return;
        switch (trouble)
        {
            case DepotTrouble.Fails:
                throw new IOException("The line is dead.");
            case DepotTrouble.Refuses:
                throw new StepRejectedException("The depot is full.");
            case DepotTrouble.Hangs:
                await _gates[call].PassAsync(context.Stopping);
                break;
        }
    }
}
