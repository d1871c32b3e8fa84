namespace OrleansSagas.Storage.Sqlite;

/// <summary>How the embedded store keeps its file.</summary>
public sealed class SqliteSagaStoreOptions
{
    /// <summary>
    /// The database file; its directory is created. Beside it stand <c>-wal</c>, <c>-shm</c> and <c>.lock</c>. Default:
    /// <c>data/sagas.db</c>.
    /// </summary>
    public string Path { get; set; } = "data/sagas.db";

    /// <summary>For measuring: added to each sync, because some disks hardly charge for one. Default: zero.</summary>
    public TimeSpan SyncDelay { get; set; }

    /// <summary>How many connections read at the same time, 1 to 64. Default: 4.</summary>
    public int Readers { get; set; } = 4;

    /// <summary>How many commits go into one transaction at most, 1 to 65,536. Default: 4,096.</summary>
    public int MaxBatch { get; set; } = 4096;

    /// <summary>
    /// How many pages of 4 KiB the write-ahead log holds before the writer moves them into the database, 100 to 1,000,000. Default: 4,000.
    /// </summary>
    public int CheckpointPages { get; set; } = 4000;

    /// <summary>How long the writer pauses before it tries a disk again that failed. Default: 1 second.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);
}
