namespace OrleansSagas.Storage.Tests.Conformance;

/// <summary>
/// What every store must do. A store's own test class says how to make one; its parts stand in the files beside this one.
/// </summary>
public abstract partial class SagaStoreConformance : SagaStoreFixture;
