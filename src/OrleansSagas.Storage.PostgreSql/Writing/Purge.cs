using Npgsql;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Writing;

/// <summary>Removes what ended long ago: one call, one transaction.</summary>
internal static class Purge
{
    internal static async Task<int> RunAsync(
        NpgsqlConnection connection,
        DateTimeOffset endedBefore,
        DateTimeOffset now,
        int limit,
        CancellationToken cancellation
    )
    {
        await using var command = new NpgsqlCommand("SELECT purge($1, $2, $3, $4)", connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = endedBefore.ToUnixTimeMilliseconds() },
                new NpgsqlParameter<long> { TypedValue = now.ToUnixTimeMilliseconds() },
                new NpgsqlParameter<int> { TypedValue = limit },
                new NpgsqlParameter<long> { TypedValue = RequestColumns.Retention },
            },
        };
        return (int)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
