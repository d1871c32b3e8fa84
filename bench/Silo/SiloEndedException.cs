namespace OrleansSagas.Bench.Silo;

/// <summary>The silo ended before its parent told it to.</summary>
internal sealed class SiloEndedException()
    : Exception("The silo ended before it answered. What it said about that is above; where nothing is, it was killed.");
