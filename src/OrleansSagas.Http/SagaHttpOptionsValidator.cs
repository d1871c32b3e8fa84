namespace OrleansSagas.Http;

internal sealed class SagaHttpOptionsValidator : SettingsValidator<SagaHttpOptions>
{
    private const int MaxBodyBytes = 1024 * 1024 * 1024;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    protected override IEnumerable<string?> Faults(SagaHttpOptions options) =>
        [
            Need(
                options.MaxBodyBytes is >= 1 and <= MaxBodyBytes,
                nameof(options.MaxBodyBytes),
                $"is {options.MaxBodyBytes}: set it from 1 to {MaxBodyBytes} bytes"
            ),
            Need(
                options.MaxLargeBytes >= options.MaxBodyBytes,
                nameof(options.MaxLargeBytes),
                $"is {options.MaxLargeBytes}: set it to MaxBodyBytes ({options.MaxBodyBytes}) or more"
            ),
            Need(
                options.LargeTimeout >= Second && options.LargeTimeout <= Hour,
                nameof(options.LargeTimeout),
                $"is {options.LargeTimeout}: set it from 00:00:01 to 01:00:00"
            ),
            Need(
                options.MaxWait >= TimeSpan.Zero && options.MaxWait <= Hour,
                nameof(options.MaxWait),
                $"is {options.MaxWait}: set it from 00:00:00 to 01:00:00"
            ),
            Need(
                options.Heartbeat >= Second && options.Heartbeat <= Hour,
                nameof(options.Heartbeat),
                $"is {options.Heartbeat}: set it from 00:00:01 to 01:00:00"
            ),
            Need(options.MaxEventStreams >= 1, nameof(options.MaxEventStreams), $"is {options.MaxEventStreams}: set it to 1 or more"),
        ];
}
