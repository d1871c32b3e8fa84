namespace OrleansSagas;

/// <summary>The calls that a client is made of, over one way to the sagas: HTTP, grains, or the engine in this process.</summary>
/// <remarks>Each call is repeated by the way itself while nobody answers, and throws what <see cref="ISagaClient"/> names.</remarks>
internal interface ISagaCalls
{
    TimeProvider Clock { get; }

    /// <summary>How long one call may be held until a saga has ended.</summary>
    TimeSpan LongestHold { get; }

    /// <summary>The longest timeout of a wait: a timer holds no more.</summary>
    TimeSpan LongestWait => TimeSpan.FromDays(24);

    /// <summary>How long to pause before a saga is asked for again that was answered early.</summary>
    TimeSpan Pause { get; }

    /// <summary>A request id for one call and its own repeats.</summary>
    string NewRequestId() => Guid.CreateVersion7().ToString();

    /// <summary>Starts a saga, and answers when the start is durable and the saga has ended or <paramref name="hold"/> is over.</summary>
    Task<SagaView> StartAsync<T>(
        string type,
        T data,
        StartOptions? options,
        string requestId,
        TimeSpan hold,
        CancellationToken cancellationToken
    );

    /// <summary>Does what an operator asks.</summary>
    Task<SagaView> ActAsync(
        SagaId saga,
        OperatorAction verb,
        OperatorRequest request,
        string requestId,
        CancellationToken cancellationToken
    );

    /// <summary>The saga when it has ended or <paramref name="hold"/> is over; it may come earlier.</summary>
    Task<SagaView> GetAsync(SagaId saga, TimeSpan hold, CancellationToken cancellationToken);

    /// <summary>A stretch of the history as it is so far.</summary>
    Task<SagaHistory> HistoryAsync(SagaId saga, long afterRevision, CancellationToken cancellationToken);

    /// <summary>Every entry after a revision, those to come included, until the saga has ended.</summary>
    IAsyncEnumerable<SagaHistoryEntry> WatchAsync(SagaId saga, long afterRevision, CancellationToken cancellationToken);

    /// <summary>One page of a list.</summary>
    Task<SagaPage> ListAsync(SagaFilter filter, string? after, CancellationToken cancellationToken);

    /// <summary>The saga as it ended.</summary>
    /// <exception cref="SagaWaitTimeoutException">It had not ended in time.</exception>
    Task<SagaView> WaitForEndAsync(SagaId saga, SagaWait wait, SagaView? last, CancellationToken cancellationToken) =>
        wait.ForEndAsync(saga, last, cancellationToken);
}
