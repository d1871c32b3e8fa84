namespace OrleansSagas.Tests.Testing;

/// <summary>What a user's fake looks like: it keeps the contract of idempotency keys, and notes every call with its time.</summary>
public sealed class Agency
{
    private readonly HashSet<string> _done = [];
    private readonly HashSet<string> _barred = [];
    private readonly List<string> _calls = [];

    /// <summary>What a booking waits for before it answers.</summary>
    public Func<StepContext, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Every call, in order: what, of which saga, which attempt.</summary>
    public string[] Calls
    {
        get
        {
            lock (_calls)
                return [.. _calls];
        }
    }

    /// <summary>The keys whose effect stands.</summary>
    public string[] Standing
    {
        get
        {
            lock (_calls)
                return [.. _done.Except(_barred).Order(StringComparer.Ordinal)];
        }
    }

    public async Task<string> BookAsync(StepContext context)
    {
        await Before(context);
        lock (_calls)
        {
            _calls.Add($"do {context.Step} {context.Attempt}");
            if (_barred.Contains(context.Key))
                throw new StepRejectedException("This booking was cancelled before it came.");
            _done.Add(context.Key);
            return $"{context.Step} of {context.SagaId}";
        }
    }

    public Task CancelAsync(UndoContext context)
    {
        lock (_calls)
        {
            _calls.Add($"undo {context.Step} {context.Attempt}");
            _barred.Add(context.ActionKey);
        }

        return Task.CompletedTask;
    }
}
