namespace OrleansSagas.Silo;

/// <summary>Where the silo keeps its sagas: in PostgreSQL where it is told how to reach one, else in a SQLite file.</summary>
internal static class SiloStore
{
    private const string ConnectionName = "Sagas";
    private const string PostgreSql = "Sagas:PostgreSql";

    /// <summary>How to reach the PostgreSQL database; null where the silo was told of none.</summary>
    public static string? ConnectionString(IConfiguration settings)
    {
        var given = settings[$"{PostgreSql}:ConnectionString"];
        var connection = string.IsNullOrWhiteSpace(given) ? settings.GetConnectionString(ConnectionName) : given;
        return string.IsNullOrWhiteSpace(connection) ? null : connection;
    }

    public static IServiceCollection AddSagaStore(this IServiceCollection services, IConfiguration settings)
    {
        var section = settings.GetSection(PostgreSql);
        return ConnectionString(settings) is not { } connection
            ? services.AddSqliteSagaStore(settings.GetSection("Sagas:Store").Bind)
            : services.AddPostgreSqlSagaStore(store =>
            {
                section.Bind(store);
                store.ConnectionString = connection;
            });
    }
}
