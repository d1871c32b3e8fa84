using Npgsql;

namespace OrleansSagas.Bench.Peers;

/// <summary>What the benchmark asks of the database itself.</summary>
internal sealed class PeerDatabase(PeerSetup setup)
{
    // Each transaction that writes takes the next number; one that only reads takes none.
    private const string Transactions = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint";

    /// <summary>How many transactions have written so far, those of the server itself included.</summary>
    public Task<long> CountTransactionsAsync() => AskAsync(Transactions);

    /// <summary>How many sagas are stored that ended as they must; none where a message is left to be handled, or was given up.</summary>
    public Task<long> CountEndedAsync() =>
        AskAsync(
            $"""
            SELECT CASE WHEN EXISTS (SELECT FROM {setup.Schema}.wolverine_incoming_envelopes WHERE status <> 'Handled')
                OR EXISTS (SELECT FROM {setup.Schema}.wolverine_dead_letters) THEN 0
              ELSE (SELECT count(*) FROM {setup.Schema}.mt_doc_ordersaga WHERE data ->> 'Status' = '{setup.End}') END
            """
        );

    private async Task<long> AskAsync(string question)
    {
        await using var connection = new NpgsqlConnection(setup.Server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(question, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
