namespace OrleansSagas.Execution;

/// <summary>The one port of an engine: give this to the saga's single owner.</summary>
public interface ISagaDispatcher
{
    /// <summary>Gives <paramref name="call"/> to the owner of <paramref name="saga"/>, and answers when what it led to is durable (or, where the call waits, when the saga has ended).</summary>
    ValueTask<SagaReply> SendAsync(SagaKey saga, SagaCall call);

    /// <summary>Why the engine takes no work now, in words for an operator; null when it does.</summary>
    string? Problem { get; }
}
