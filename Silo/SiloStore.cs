namespace OrleansSagas.Silo;

/// <summary>Where the silo keeps its sagas: in PostgreSQL where it is told how to reach one, else in a SQLite file.</summary>
internal static class SiloStore
{
    private const string ConnectionName = "Sagas";
    private const string PostgreSql = "Sagas:PostgreSql";

    public static IServiceCollection AddSagaStore(this IServiceCollection services, IConfiguration settings)
    {
        var section = settings.GetSection(PostgreSql);
        var connection = section["ConnectionString"] is { Length: > 0 } given ? given : settings.GetConnectionString(ConnectionName);
        return string.IsNullOrWhiteSpace(connection)
            ? services.AddSqliteSagaStore(settings.GetSection("Sagas:Store").Bind)
            : services.AddPostgreSqlSagaStore(store =>
            {
                section.Bind(store);
                store.ConnectionString = connection;
            });
    }
}
