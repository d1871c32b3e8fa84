using OrleansSagas.Plans;

namespace OrleansSagas.Storage;

/// <summary>What the store answers to an engine that starts.</summary>
/// <param name="Incarnation">The engine's number, never handed out before.</param>
/// <param name="Missing">
/// The versions of which unfinished sagas are stored and which this engine does not define with the same fingerprint.
/// </param>
internal sealed record EngineOpened(Incarnation Incarnation, IReadOnlyList<PlanIdentity> Missing);
