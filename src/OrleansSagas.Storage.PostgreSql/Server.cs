using System.Globalization;
using Npgsql;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql;

/// <summary>How the store's connections are made, and what it calls its server in messages: never the connection string.</summary>
internal sealed class Server
{
    // Plans are made once, without looking at what the tables hold just then: with the indexes, row by row, as is right for batches at any
    // size of table.
    private const string WriterSettings =
        "-c plan_cache_mode=force_generic_plan -c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off "
        + "-c idle_session_timeout=0";

    // A client whose machine is gone must not hold its locks for hours.
    private const string KeepAlives = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly PostgreSqlSagaStoreOptions _options;
    private readonly NpgsqlConnectionStringBuilder _given;

    internal Server(PostgreSqlSagaStoreOptions options)
    {
        _options = options;
        _given = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        Readers = NpgsqlDataSource.Create(
            Settings(
                "reader",
                builder =>
                {
                    builder.Pooling = true;
                    builder.MinPoolSize = 0;
                    builder.MaxPoolSize = options.Readers;
                    builder.MaxAutoPrepare = 40;
                    builder.AutoPrepareMinUsages = 3;
                }
            )
        );
    }

    /// <summary>Connections for reading, at most <see cref="PostgreSqlSagaStoreOptions.Readers"/>.</summary>
    internal NpgsqlDataSource Readers { get; }

    internal string Schema => _options.Schema;

    /// <summary>
    /// How long an engine that has lost its connection may be away although it lives, once the server takes connections again.
    /// </summary>
    internal TimeSpan LongestAway => ConnectTimeout + (2 * _options.RetryAfter);

    /// <summary>For messages.</summary>
    internal string Name =>
        string.Create(CultureInfo.InvariantCulture, $"{_given.Host}:{_given.Port}/{_given.Database ?? _given.Username}");

    /// <summary>A connection of the writer's own.</summary>
    internal NpgsqlConnection ConnectWriter()
    {
        var connection = new NpgsqlConnection(
            Settings(
                "writer",
                builder =>
                {
                    builder.Pooling = false;
                    builder.Timeout = (int)ConnectTimeout.TotalSeconds;
                    builder.Options += " " + WriterSettings;
                }
            )
        );
        try
        {
            connection.Open();

            // What was acknowledged must survive; anything stronger than that is the server's to say.
            using var durable = connection.CreateCommand();
            durable.CommandText =
                "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";
            durable.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    internal StoreException Unreachable(string what, Exception error) =>
        new(
            $"The saga store '{Name}' {what}: {Writing.ServerFault.Describe(error)}. It is tried again by itself; see to the server, "
                + "the network and the store's permissions.",
            error
        );

    private string Settings(string use, Action<NpgsqlConnectionStringBuilder> more)
    {
        var milliseconds = (long)_options.StatementTimeout.TotalMilliseconds;
        var builder = new NpgsqlConnectionStringBuilder(_options.ConnectionString)
        {
            ApplicationName = "OrleansSagas " + use,
            SearchPath = _options.Schema,
            Multiplexing = false,
            Enlist = false,
            IncludeErrorDetail = false,
            PersistSecurityInfo = false,

            // The server gives up first, and says so; who waits longer than that for an answer gives up the connection.
            CommandTimeout = (int)Math.Ceiling(_options.StatementTimeout.TotalSeconds) + 5,
            CancellationTimeout = -1,
        };
        builder.Options = string.Create(
                CultureInfo.InvariantCulture,
                $"{builder.Options} -c statement_timeout={milliseconds} -c jit=off {KeepAlives}"
            )
            .Trim();
        more(builder);
        return builder.ConnectionString;
    }
}
