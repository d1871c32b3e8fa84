namespace OrleansSagas.Orleans;

internal sealed class SagaClusterOptionsValidator : SettingsValidator<SagaClusterOptions>
{
    protected override IEnumerable<string?> Faults(SagaClusterOptions options) =>
        [Need(options.Partitions is >= 1 and <= 64, nameof(options.Partitions), "must be from 1 to 64")];
}
