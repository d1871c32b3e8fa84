namespace OrleansSagas.Soak;

/// <summary>How long the silo is troubled, and from which seed all that is random comes.</summary>
/// <param name="Callers">How many start orders at a time.</param>
/// <param name="LongestPause">Of a caller between two orders, in milliseconds.</param>
internal sealed record SoakPlan(TimeSpan Length, int Seed, int Callers, int LongestPause);
