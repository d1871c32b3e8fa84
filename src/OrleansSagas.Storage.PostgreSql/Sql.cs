using Npgsql;

namespace OrleansSagas.Storage.PostgreSql;

/// <summary>Statements that are run now and then, one at a time, with <c>$1</c> and so on for their arguments.</summary>
internal static class Sql
{
    internal static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] arguments)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument });
        return command;
    }

    internal static void Run(NpgsqlConnection connection, string sql, params object[] arguments)
    {
        using var command = Command(connection, sql, arguments);
        command.ExecuteNonQuery();
    }

    /// <summary>The first column of the first row; null where there is no row.</summary>
    internal static object? Scalar(NpgsqlConnection connection, string sql, params object[] arguments)
    {
        using var command = Command(connection, sql, arguments);
        return command.ExecuteScalar();
    }
}
