using Npgsql;
using OrleansSagas.Storage;

namespace OrleansSagas.Storage.PostgreSql.Opening;

/// <summary>The engines' rows as the others of a cluster see them.</summary>
internal static class MemberTable
{
    internal static async Task<IReadOnlyList<EngineMember>> ListAsync(
        NpgsqlConnection connection,
        ClusterIdentity? cluster,
        CancellationToken cancellation
    )
    {
        await using var command = new NpgsqlCommand(
            "SELECT incarnation, name, plans, cluster_id, service_id, stored_form FROM engine "
                + "WHERE cluster_id IS NULL OR $1 IS NULL OR (cluster_id, service_id) = ($1, $2) ORDER BY incarnation",
            connection
        )
        {
            Parameters =
            {
                new NpgsqlParameter<string?> { TypedValue = cluster?.ClusterId },
                new NpgsqlParameter<string?> { TypedValue = cluster?.ServiceId },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var members = new List<EngineMember>();
        while (await reader.ReadAsync(cancellation))
            members.Add(Read(reader));
        return members;
    }

    private static EngineMember Read(NpgsqlDataReader reader)
    {
        var cluster = reader.IsDBNull(3) ? null : new ClusterIdentity(reader.GetString(3), reader.GetString(4));
        return new EngineMember(
            new Incarnation(reader.GetInt64(0)),
            reader.GetString(1),
            cluster,
            PlanText.Read(reader.IsDBNull(2) ? null : reader.GetString(2)),
            reader.IsDBNull(5) ? StoredForm.First : reader.GetInt32(5)
        );
    }

    /// <summary>Waits for the commits that are under way: they hold the row.</summary>
    internal static async Task<bool> FenceAsync(NpgsqlConnection connection, Incarnation incarnation, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("DELETE FROM engine WHERE incarnation = $1", connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = incarnation.Value } },
        };
        return await command.ExecuteNonQueryAsync(cancellation) > 0;
    }
}
