using Npgsql;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>What an exception means for a transaction, and how it is said without any contents.</summary>
internal static class ServerFault
{
    internal const string Fenced = "SG001";
    private const string ReadOnly = "25006";

    /// <summary>The server said ERROR: the transaction is rolled back for certain. After FATAL or silence nobody knows.</summary>
    internal static bool IsRolledBack(Exception error) => error is PostgresException { InvariantSeverity: "ERROR" };

    /// <summary>Another engine wrote the same at the same moment: try again.</summary>
    internal static bool IsRace(Exception error) =>
        error
            is PostgresException
            {
                SqlState: PostgresErrorCodes.UniqueViolation
                    or PostgresErrorCodes.SerializationFailure
                    or PostgresErrorCodes.DeadlockDetected
            };

    /// <summary>
    /// It may be one commit's own fault: data that cannot be stored, or a rule or trigger of this database that refuses it.
    /// </summary>
    internal static bool IsOfOneCommit(Exception error) =>
        error is PostgresException { SqlState: { Length: 5 } state } && state[..2] is "22" or "23" or "54" or "P0";

    /// <summary>The server ran out of room.</summary>
    internal static bool IsFull(Exception error) => error is PostgresException { SqlState: PostgresErrorCodes.DiskFull };

    /// <summary>
    /// What is wrong, in words for an operator. A server's message may quote data, so only those that cannot are passed on.
    /// </summary>
    internal static string Describe(Exception error) =>
        error switch
        {
            PostgresException { SqlState: ReadOnly } =>
                "the server takes no writes: it is a standby, or default_transaction_read_only is on (25006)",
            PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } =>
                "the server cancelled the statement: it took too long, or someone asked for it (57014)",
            PostgresException { SqlState: PostgresErrorCodes.DiskFull } => "the server's disk is full (53100)",
            PostgresException { SqlState: { Length: 5 } state } server
                when state[..2] is "08" or "28" or "3D" or "3F" or "42" or "53" or "55" or "57" or "58" =>
                $"{server.MessageText} ({state})",
            PostgresException server => $"the server answered {server.SqlState}",
            NpgsqlException { InnerException: { } inner } => $"{inner.GetType().Name}: {inner.Message}",
            _ => $"{error.GetType().Name}: {error.Message}",
        };
}
