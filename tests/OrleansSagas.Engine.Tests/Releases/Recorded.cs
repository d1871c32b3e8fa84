using System.Text.Json.Nodes;

namespace OrleansSagas.Engine.Tests.Releases;

/// <summary>What is kept beside a release's database.</summary>
/// <param name="At">When the database was closed, by its own clock.</param>
internal sealed record RecordedStore(DateTimeOffset At, IReadOnlyList<RecordedSaga> Sagas);

/// <summary>One saga of it: how it looked then, and how it went on.</summary>
/// <param name="Request">The key of the request that started it; its body is the data.</param>
/// <param name="Row">What it is found by.</param>
/// <param name="Asked">What an operator had asked of it, under the request key <c>ask-</c> and its id; null for nothing.</param>
/// <param name="Verb">What an operator has to do so that it goes on; null for nothing.</param>
/// <param name="Calls">What its services were called with afterwards.</param>
internal sealed record RecordedSaga(
    string Id,
    string Type,
    string Request,
    Parcel Data,
    JsonObject Row,
    JsonObject View,
    JsonArray History,
    OperatorAction? Asked,
    OperatorAction? Verb,
    SagaStatus Ends,
    IReadOnlyList<string> Calls
);
