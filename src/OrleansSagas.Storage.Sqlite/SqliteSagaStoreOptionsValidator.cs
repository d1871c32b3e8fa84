namespace OrleansSagas.Storage.Sqlite;

internal sealed class SqliteSagaStoreOptionsValidator : SettingsValidator<SqliteSagaStoreOptions>
{
    protected override IEnumerable<string?> Faults(SqliteSagaStoreOptions options) =>
        [
            Need(
                !string.IsNullOrWhiteSpace(options.Path),
                nameof(options.Path),
                "names no file: set it to where the database shall be, for example data/sagas.db"
            ),
            Need(
                options.SyncDelay >= TimeSpan.Zero && options.SyncDelay <= TimeSpan.FromSeconds(10),
                nameof(options.SyncDelay),
                "must be from zero to 10 seconds; leave it at zero unless you measure"
            ),
            Need(options.Readers is >= 1 and <= 64, nameof(options.Readers), "must be from 1 to 64"),
            Need(options.MaxBatch is >= 1 and <= 65536, nameof(options.MaxBatch), "must be from 1 to 65,536"),
            Need(options.CheckpointPages is >= 100 and <= 1_000_000, nameof(options.CheckpointPages), "must be from 100 to 1,000,000"),
            Need(
                options.RetryAfter > TimeSpan.Zero && options.RetryAfter <= TimeSpan.FromMinutes(10),
                nameof(options.RetryAfter),
                "must be more than zero and at most 10 minutes"
            ),
        ];
}
