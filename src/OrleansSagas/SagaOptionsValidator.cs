namespace OrleansSagas;

internal sealed class SagaOptionsValidator : SettingsValidator<SagaOptions>
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    protected override IEnumerable<string?> Faults(SagaOptions options) =>
        [
            Need(options.MaxActiveSagas >= 1, nameof(options.MaxActiveSagas), "must be 1 or more"),
            Need(options.MaxDataBytes is >= 2 and <= 64 << 20, nameof(options.MaxDataBytes), "must be from 2 bytes to 64 MiB"),
            Need(options.IdleAfter >= Second && options.IdleAfter <= Hour, nameof(options.IdleAfter), "must be from 1 second to 1 hour"),
            Need(options.ResumeParallelism is >= 1 and <= 10_000, nameof(options.ResumeParallelism), "must be from 1 to 10,000"),
            Need(
                options.StopTimeout >= TimeSpan.Zero && options.StopTimeout <= Hour,
                nameof(options.StopTimeout),
                "must be from zero to 1 hour"
            ),
        ];
}
