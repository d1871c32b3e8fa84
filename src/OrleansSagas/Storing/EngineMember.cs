namespace OrleansSagas.Storing;

/// <summary>An engine that may commit.</summary>
/// <param name="Incarnation">Its number.</param>
/// <param name="Name">What the cluster's membership calls it.</param>
public sealed record EngineMember(Incarnation Incarnation, string Name);
