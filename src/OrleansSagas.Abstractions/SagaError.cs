namespace OrleansSagas;

/// <summary>What went wrong, as it is kept in a saga's history.</summary>
/// <param name="Type">
/// The short name of the exception's type, or of the cause: <c>timeout</c>, <c>lost</c>, <c>deadline</c>, <c>cancelled</c>.
/// </param>
/// <param name="Message">What was wrong, in words; at most 1,024 characters are kept.</param>
public sealed record SagaError(string Type, string Message);
