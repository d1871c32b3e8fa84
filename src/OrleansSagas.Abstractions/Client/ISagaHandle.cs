namespace OrleansSagas;

/// <summary>One saga, by its id: look at it, wait for it, watch it, steer it. Holds no state; safe for concurrent use.</summary>
/// <remarks>
/// Every call may throw what <see cref="ISagaClient"/> names, and <see cref="SagaNotFoundException"/> where no saga has the id.
/// </remarks>
public interface ISagaHandle
{
    /// <summary>The saga's id.</summary>
    SagaId Id { get; }

    /// <summary>The saga as it is now.</summary>
    /// <exception cref="SagaNotFoundException">No saga has this id.</exception>
    Task<SagaView> GetAsync(CancellationToken cancellationToken = default);

    /// <summary>Waits until the saga has ended.</summary>
    /// <param name="timeout">How long to wait. Default: for ever.</param>
    /// <param name="cancellationToken">Stops waiting; the saga goes on.</param>
    /// <returns>The saga as it ended: look at <see cref="SagaView.Status"/>, for a saga may also end without success.</returns>
    /// <exception cref="SagaWaitTimeoutException">The saga had not ended in time.</exception>
    /// <exception cref="SagaNotFoundException">No saga has this id.</exception>
    /// <exception cref="SagaUnavailableException">The server could not be reached for longer than calls are repeated.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is not positive, or is longer than 24 days.</exception>
    Task<SagaView> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>Gives every entry of the saga's history, those to come included, each once and in order, until the saga has ended.
    /// A connection that breaks is opened again where it broke.</summary>
    /// <param name="afterRevision">Give only entries with a higher revision. Default: 0, from the beginning.</param>
    /// <param name="cancellationToken">Stops watching; the saga goes on.</param>
    /// <exception cref="SagaNotFoundException">No saga has this id.</exception>
    /// <exception cref="SagaUnavailableException">
    /// The server could not be reached for longer than calls are repeated. Watch again after the last revision seen.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="afterRevision"/> is negative.</exception>
    IAsyncEnumerable<SagaHistoryEntry> WatchAsync(long afterRevision = 0, CancellationToken cancellationToken = default);

    /// <summary>Gives the saga's history as it is so far, oldest first, and fetches page after page while it is read.</summary>
    /// <param name="afterRevision">Give only entries with a higher revision. Default: 0, from the beginning.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="SagaNotFoundException">No saga has this id.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="afterRevision"/> is negative.</exception>
    IAsyncEnumerable<SagaHistoryEntry> HistoryAsync(long afterRevision = 0, CancellationToken cancellationToken = default);

    /// <summary>Does what an operator can do; <see cref="SagaHandleExtensions"/> has a method for each verb.</summary>
    /// <param name="verb">What to do.</param>
    /// <param name="request">Who asks, why, and for which step. Default: nothing said; skip and resolve need a reason.</param>
    /// <param name="requestId">
    /// Makes a repeat of this call safe: 1 to 255 printable ASCII characters. Default: a fresh one for this call and its own repeats.
    /// </param>
    /// <param name="cancellationToken">Stops waiting for the answer.</param>
    /// <returns>The saga after the verb was committed; undoing may go on.</returns>
    /// <exception cref="SagaNotFoundException">No saga has this id.</exception>
    /// <exception cref="SagaNotPossibleException">The saga's status does not allow the verb.</exception>
    /// <exception cref="IdempotencyKeyReusedException"><paramref name="requestId"/> was used before with something else.</exception>
    /// <exception cref="SagaUnavailableException">No answer in time. Repeating with the same request id is safe.</exception>
    /// <exception cref="ArgumentException"><paramref name="requestId"/> cannot be sent as a header.</exception>
    Task<SagaView> ActAsync(
        OperatorAction verb,
        OperatorRequest? request = null,
        string? requestId = null,
        CancellationToken cancellationToken = default
    );
}
