namespace OrleansSagas.Engine.Tests;

/// <summary>A service that keeps the contract of idempotency keys: it does each key once, and an undo of a key bars it.</summary>
internal sealed class TestService
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);
    private readonly HashSet<string> _barred = new(StringComparer.Ordinal);
    private readonly List<string> _calls = [];
    private readonly Dictionary<string, List<string>> _callsBySaga = new(StringComparer.Ordinal);

    /// <summary>Every call with its attempt, in order.</summary>
    public string[] Calls
    {
        get
        {
            lock (_gate)
                return [.. _calls];
        }
    }

    /// <summary>The keys whose effect stands.</summary>
    public string[] Standing
    {
        get
        {
            lock (_gate)
                return [.. _done.Where(key => !_barred.Contains(key)).Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>
    /// How often the effect of one step of one saga was applied at most: as each key is done once here, that is how many keys the step came
    /// with.
    /// </summary>
    public int MostApplied
    {
        get
        {
            lock (_gate)
                return _done
                    .GroupBy(key => string.Join('/', key.Split('/')[..3]), StringComparer.Ordinal)
                    .Select(step => step.Count())
                    .DefaultIfEmpty()
                    .Max();
        }
    }

    /// <summary>Whether the effect of a key stands.</summary>
    public bool Stands(string key)
    {
        lock (_gate)
            return _done.Contains(key) && !_barred.Contains(key);
    }

    /// <summary>The calls of one saga.</summary>
    public string[] CallsOf(string saga)
    {
        lock (_gate)
            return [.. _callsBySaga.GetValueOrDefault(saga, [])];
    }

    public void Note(string call)
    {
        lock (_gate)
            _calls.Add(call);
    }

    public void Do(StepContext context)
    {
        lock (_gate)
        {
            Keep(context, "do");
            if (_barred.Contains(context.Key))
                throw new StepRejectedException("This key was undone before it came.");
            _ = _done.Add(context.Key);
        }
    }

    public void Undo(UndoContext context)
    {
        lock (_gate)
        {
            Keep(context, "undo");
            _barred.Add(context.ActionKey);
        }
    }

    private void Keep(StepContext context, string verb)
    {
        var call = $"{verb} {context.Step} {context.Attempt}";
        _calls.Add(call);
        if (!_callsBySaga.TryGetValue(context.SagaId.Value, out var calls))
            _callsBySaga[context.SagaId.Value] = calls = [];
        calls.Add(call);
    }
}
