namespace OrleansSagas.Plans;

/// <summary>A version of a saga type, and the shape that it has here.</summary>
internal sealed record PlanIdentity(string Type, int Version, string Fingerprint);
