namespace OrleansSagas.TestKit.Silos.Loading;

/// <summary>What an operator asked, and whether it was done or the saga's status did not allow it.</summary>
internal sealed record Deed(SagaId Saga, OperatorAction Verb, string RequestId, OperatorRequest Request, bool IsDone);
