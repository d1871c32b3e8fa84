using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansSagas.Notifications;
using OrleansSagas.Payloads;
using OrleansSagas.Storage;
using OrleansSagas.Telemetry;

namespace OrleansSagas.Execution;

/// <summary>What all processes of a silo share.</summary>
internal sealed record SagaServices(
    ISagaStore Store,
    SagaCatalog Catalog,
    IPayloadCodec Codec,
    SagaRuntime Runtime,
    SagaOptions Options,
    SagaWatch Watch,
    SagaInstruments Instruments,
    IServiceScopeFactory Scopes,
    ILogger Logger,
    Incarnation Incarnation,
    ISagaHost Host,
    IStepContextFlow? StepFlow
);
