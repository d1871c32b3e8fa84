using System.Text.Json.Nodes;

namespace OrleansSagas.TestKit.Silos.Loading;

/// <summary>One request to start a saga, and what the silo has said to it so far. Safe for concurrent use.</summary>
internal sealed class Promise(string key, OrderKind kind, JsonObject order)
{
    private readonly Lock _lock = new();

    /// <summary>The Idempotency-Key; the correlation id too, so that a saga shows which request it came from.</summary>
    public string Key => key;

    public OrderKind Kind => kind;

    public JsonObject Order => order;

    /// <summary>The saga that was acknowledged; null before.</summary>
    public SagaId? Saga { get; private set; }

    /// <summary>How the saga ended, the first time that somebody was told; null before.</summary>
    public SagaView? Ended { get; private set; }

    /// <summary>Whether an operator asked to cancel the saga, with or without an answer.</summary>
    public bool CancelAsked { get; set; }

    /// <summary>Whether an operator asked to end the saga at once, with or without an answer.</summary>
    public bool TerminateAsked { get; set; }

    public StartOptions Options => new() { RequestId = key, CorrelationId = key };

    /// <summary>Notes an acknowledgement; answers what is wrong with it, or null.</summary>
    public string? Acknowledge(SagaId saga)
    {
        lock (_lock)
        {
            Saga ??= saga;
            return Saga == saga ? null : $"Request {key} ({kind}) was acknowledged as saga {Saga}, and a repeat of it as saga {saga}.";
        }
    }

    /// <summary>Notes what the saga looks like; answers what is wrong with it, or null.</summary>
    public string? See(SagaView view)
    {
        if (Acknowledge(view.Id) is { } mismatch)
            return mismatch;
        lock (_lock)
        {
            if (!view.Status.IsTerminal())
                return Ended is null
                    ? null
                    : $"Saga {view.Id} ({kind}) had ended as {Ended.Status}, and is {view.Status} at revision {view.Revision} now.";
            Ended ??= view;
            return (Ended.Status, Ended.Data, Ended.Revision, Ended.EndedAt) == (view.Status, view.Data, view.Revision, view.EndedAt)
                ? null
                : $"Saga {view.Id} ({kind}) had ended as {Ended.Status} at revision {Ended.Revision} with {Ended.Data}, and now has "
                    + $"ended as {view.Status} at revision {view.Revision} with {view.Data}.";
        }
    }
}
