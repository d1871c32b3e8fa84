namespace OrleansSagas.Bench.Silo;

/// <summary>The variables that a process to be measured is started with.</summary>
internal static class SiloVariable
{
    /// <summary>The database's connection string: not an argument, because all users of the machine see those.</summary>
    public const string Server = "ORLEANSSAGAS_BENCH_POSTGRES";
}
