using OrleansSagas.Plans;

namespace OrleansSagas.Storage;

/// <summary>What an engine must have to go on with a saga.</summary>
/// <param name="Plan">Its definition.</param>
/// <param name="Form">The <see cref="StoredForm"/> that it must be able to read. Default: the first, which all can.</param>
internal sealed record SagaNeeds(PlanIdentity Plan, int Form = StoredForm.First);
