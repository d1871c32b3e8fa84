namespace OrleansSagas;

/// <summary>Starts, finds and steers sagas, from another service or from inside the cluster. Safe for concurrent use.</summary>
/// <remarks>
/// Every call may throw <see cref="SagaUnauthorizedException"/>, <see cref="InvalidSagaRequestException"/>,
/// <see cref="SagaUnavailableException"/> and, for an answer that is none of those named, <see cref="SagaClientException"/>.
/// Cancelling a call stops the waiting for it; what the platform already accepted goes on.
/// </remarks>
public interface ISagaClient
{
    /// <summary>Starts a saga and comes back as soon as the start is durable.</summary>
    /// <typeparam name="T">The type of the saga's data.</typeparam>
    /// <param name="type">The saga type, such as <c>order</c>.</param>
    /// <param name="data">The saga's data; at most 1 MiB as JSON unless the server allows more.</param>
    /// <param name="options">Id, version, correlation id and request id. Default: all chosen by the platform.</param>
    /// <param name="cancellationToken">Stops waiting for the answer.</param>
    /// <returns>
    /// A handle to the saga; with a <see cref="StartOptions.RequestId"/> that was used before, to the saga it started then.
    /// </returns>
    /// <exception cref="UnknownSagaTypeException">No such type, or no such version of it, is defined there.</exception>
    /// <exception cref="SagaExistsException">A saga with <see cref="StartOptions.Id"/> exists already.</exception>
    /// <exception cref="IdempotencyKeyReusedException">
    /// <see cref="StartOptions.RequestId"/> was used before with something else.
    /// </exception>
    /// <exception cref="InvalidSagaRequestException">The data does not fit the type, or is too large.</exception>
    /// <exception cref="SagaUnavailableException">No answer in time. Repeating with the same request id is safe.</exception>
    /// <exception cref="ArgumentException">The type is empty, or an id cannot be sent as a header.</exception>
    Task<ISagaHandle> StartAsync<T>(string type, T data, StartOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Starts a saga and waits for its end; a short one costs a single round trip.</summary>
    /// <typeparam name="T">The type of the saga's data.</typeparam>
    /// <param name="type">The saga type, such as <c>order</c>.</param>
    /// <param name="data">The saga's data; at most 1 MiB as JSON unless the server allows more.</param>
    /// <param name="options">Id, version, correlation id and request id. Default: all chosen by the platform.</param>
    /// <param name="timeout">
    /// How long to wait for the end, counted from the call. The start itself is not given up for it. Default: for ever.
    /// </param>
    /// <param name="cancellationToken">Stops waiting; a saga that was started goes on.</param>
    /// <returns>The saga as it ended: look at <see cref="SagaView.Status"/>, for a saga may also end without success.</returns>
    /// <exception cref="SagaWaitTimeoutException">The saga was started and had not ended in time.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is not positive, or is longer than 24 days.</exception>
    /// <inheritdoc cref="StartAsync" path="/exception"/>
    Task<SagaView> StartAndWaitAsync<T>(
        string type,
        T data,
        StartOptions? options = null,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default
    );

    /// <summary>A handle to the saga with this id. Makes no call: whether the saga exists shows with the handle's first use.</summary>
    ISagaHandle Get(SagaId id);

    /// <summary>Lists sagas, newest first, and fetches page after page while it is read.</summary>
    /// <param name="filter">What to look for. Default: every saga.</param>
    /// <param name="cancellationToken">Stops the listing.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="SagaFilter.PageSize"/> is not 1 to 1,000.</exception>
    IAsyncEnumerable<SagaSummary> ListAsync(SagaFilter? filter = null, CancellationToken cancellationToken = default);
}
