using Npgsql;

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

    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    internal void Validate()
    {
        Require(
            IsConnectionString(ConnectionString),
            nameof(ConnectionString),
            "cannot be read, or names no Host: set it to where the database is, for example Host=127.0.0.1;Database=sagas;Username=sagas"
        );
        Require(
            Schema is { Length: >= 1 and <= 63 }
                && !char.IsAsciiDigit(Schema[0])
                && Schema.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'),
            nameof(Schema),
            "must have 1 to 63 of a-z, 0-9 and _, and not begin with a digit"
        );
        Require(Readers is >= 1 and <= 200, nameof(Readers), "must be from 1 to 200");
        Require(Writers is >= 1 and <= 16, nameof(Writers), "must be from 1 to 16");
        Require(MaxBatch is >= 1 and <= 65536, nameof(MaxBatch), "must be from 1 to 65,536");
        Require(
            StatementTimeout >= TimeSpan.FromMilliseconds(100) && StatementTimeout <= TimeSpan.FromMinutes(10),
            nameof(StatementTimeout),
            "must be from 100 milliseconds to 10 minutes"
        );
        Require(
            OpenTimeout >= TimeSpan.Zero && OpenTimeout <= TimeSpan.FromMinutes(10),
            nameof(OpenTimeout),
            "must be from zero to 10 minutes"
        );
        Require(
            RetryAfter > TimeSpan.Zero && RetryAfter <= TimeSpan.FromMinutes(10),
            nameof(RetryAfter),
            "must be more than zero and at most 10 minutes"
        );
    }

    private static bool IsConnectionString(string value)
    {
        try
        {
            return !string.IsNullOrWhiteSpace(new NpgsqlConnectionStringBuilder(value).Host);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static void Require(bool holds, string setting, string fix)
    {
        if (!holds)
            throw new ArgumentException($"{nameof(PostgreSqlSagaStoreOptions)}.{setting} {fix}.", setting);
    }
}
