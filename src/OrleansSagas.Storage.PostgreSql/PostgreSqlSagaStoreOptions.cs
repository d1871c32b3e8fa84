namespace OrleansSagas.Storage.PostgreSql;

/// <summary>Where the store's server is, and how it is used.</summary>
public sealed class PostgreSqlSagaStoreOptions
{
    /// <summary>
    /// How to reach the database, for example <c>Host=db;Database=sagas;Username=sagas;Password=...</c>. It is never logged.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// The schema that holds the store's tables; it is created. 1 to 63 of <c>a-z</c>, <c>0-9</c> and <c>_</c>. Default: <c>sagas</c>.
    /// </summary>
    public string Schema { get; set; } = "sagas";

    /// <summary>How many connections read at the same time, 1 to 200. Default: 8.</summary>
    public int Readers { get; set; } = 8;

    /// <summary>
    /// How many connections write at the same time when many commits wait, 1 to 16. Default: 1. Two are faster where a transaction's time
    /// is the network's or the disk's, and slower where silo and server share few processors.
    /// </summary>
    public int Writers { get; set; } = 1;

    /// <summary>How many commits go into one transaction at most, 1 to 65,536; its time per commit grows with it. Default: 512.</summary>
    public int MaxBatch { get; set; } = 512;

    /// <summary>How long one statement may take, a commit or a read. Default: 30 seconds.</summary>
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a start waits for a server that does not answer. Default: 30 seconds.</summary>
    public TimeSpan OpenTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often the server is looked after while nothing is written, and tried again while it is away. Default: 1 second.
    /// </summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);
}
