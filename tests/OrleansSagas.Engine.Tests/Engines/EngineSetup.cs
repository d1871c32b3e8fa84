using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Storage;

namespace OrleansSagas.Engine.Tests.Engines;

/// <summary>What an engine under test is made of.</summary>
internal sealed record EngineSetup(SagaRuntime Runtime, ISagaStore Store, Action<IServiceCollection> Services, Action<SagasBuilder> Sagas);
