namespace OrleansSagas.Execution;

/// <summary>The one port of an engine: give this to the saga's single process, wherever that is.</summary>
public interface ISagaDispatcher
{
    /// <summary>Gives <paramref name="call"/> to the process of <paramref name="saga"/>, and answers when what it led to is durable.</summary>
    ValueTask<SagaReply> SendAsync(SagaKey saga, SagaCall call);

    /// <summary>Why the engine takes no work now, in words for an operator; null when it does.</summary>
    string? Problem { get; }
}
