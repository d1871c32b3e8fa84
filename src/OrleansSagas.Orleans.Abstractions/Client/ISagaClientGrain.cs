using Orleans.CodeGeneration;

namespace OrleansSagas.Orleans.Client;

/// <summary>
/// Sagas for the code of a cluster: what HTTP is for everybody else. Its key is 0. <see cref="SagaGrainFactoryExtensions.Sagas"/> gives a
/// typed client over it.
/// </summary>
/// <remarks>
/// What it answers is the JSON of the public API. No call is held for longer than a third of the time in which a grain must answer,
/// whatever was asked for. Starts and verbs take no token: what a caller no longer waits for may have been accepted all the same.
/// </remarks>
[Alias("sagas.client"), Version(1)]
public interface ISagaClientGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Starts a saga; answers with its <see cref="SagaView"/> once the start is durable, or later where that was asked for.
    /// </summary>
    /// <param name="request">What to start.</param>
    [Alias("start")]
    Task<SagaResponse> StartAsync(SagaStartRequest request);

    /// <summary>Does what an operator asks; answers with the <see cref="SagaView"/> after it.</summary>
    /// <param name="request">What to do.</param>
    [Alias("act")]
    Task<SagaResponse> ActAsync(SagaOperatorRequest request);

    /// <summary>The <see cref="SagaView"/> of a saga when it has ended or <paramref name="wait"/> is over.</summary>
    /// <param name="saga">The saga's id.</param>
    /// <param name="wait">How long to wait for the end; zero for not at all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    [Alias("get")]
    Task<SagaResponse> GetAsync(string saga, TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>A stretch of a saga's <see cref="SagaHistory"/> as it is so far.</summary>
    /// <param name="saga">The saga's id.</param>
    /// <param name="afterRevision">Give only entries with a higher revision.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    [Alias("history")]
    Task<SagaResponse> HistoryAsync(string saga, long afterRevision, CancellationToken cancellationToken);

    /// <summary>
    /// A stretch of a saga's <see cref="SagaHistory"/> as soon as there is one; an empty one where nothing came.
    /// <see cref="SagaResponse.IsLast"/> says that no more will come.
    /// </summary>
    /// <param name="saga">The saga's id.</param>
    /// <param name="afterRevision">Give only entries with a higher revision.</param>
    /// <param name="wait">How long to wait for an entry.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    [Alias("next")]
    Task<SagaResponse> NextAsync(string saga, long afterRevision, TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>A <see cref="SagaPage"/> of a list of sagas, newest first.</summary>
    /// <param name="request">What to look for.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    [Alias("list")]
    Task<SagaResponse> ListAsync(SagaListRequest request, CancellationToken cancellationToken);
}
