using Npgsql;

namespace OrleansSagas.Storage.PostgreSql;

internal sealed class PostgreSqlSagaStoreOptionsValidator : SettingsValidator<PostgreSqlSagaStoreOptions>
{
    protected override IEnumerable<string?> Faults(PostgreSqlSagaStoreOptions options) =>
        [
            Need(
                IsConnectionString(options.ConnectionString),
                nameof(options.ConnectionString),
                "cannot be read, or names no Host: set it to where the database is, for example "
                    + "Host=127.0.0.1;Database=sagas;Username=sagas"
            ),
            Need(
                options.Schema is { Length: >= 1 and <= 63 }
                    && !char.IsAsciiDigit(options.Schema[0])
                    && options.Schema.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'),
                nameof(options.Schema),
                "must have 1 to 63 of a-z, 0-9 and _, and not begin with a digit"
            ),
            Need(options.Readers is >= 1 and <= 200, nameof(options.Readers), "must be from 1 to 200"),
            Need(options.Writers is >= 1 and <= 16, nameof(options.Writers), "must be from 1 to 16"),
            Need(options.MaxBatch is >= 1 and <= 65536, nameof(options.MaxBatch), "must be from 1 to 65,536"),
            Need(
                options.StatementTimeout >= TimeSpan.FromMilliseconds(100) && options.StatementTimeout <= TimeSpan.FromMinutes(10),
                nameof(options.StatementTimeout),
                "must be from 100 milliseconds to 10 minutes"
            ),
            Need(
                options.OpenTimeout >= TimeSpan.Zero && options.OpenTimeout <= TimeSpan.FromMinutes(10),
                nameof(options.OpenTimeout),
                "must be from zero to 10 minutes"
            ),
            Need(
                options.RetryAfter > TimeSpan.Zero && options.RetryAfter <= TimeSpan.FromMinutes(10),
                nameof(options.RetryAfter),
                "must be more than zero and at most 10 minutes"
            ),
        ];

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
}
