using Microsoft.Extensions.Options;

namespace OrleansSagas.Http;

internal sealed class SagaHttpOptionsValidator : IValidateOptions<SagaHttpOptions>
{
    private const int MaxBodyBytes = 1024 * 1024 * 1024;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public ValidateOptionsResult Validate(string? name, SagaHttpOptions options)
    {
        var failures = new List<string>();
        if (options.MaxBodyBytes is < 1 or > MaxBodyBytes)
            failures.Add($"SagaHttpOptions.MaxBodyBytes is {options.MaxBodyBytes}: set it from 1 to {MaxBodyBytes} bytes.");
        if (options.MaxLargeBytes < options.MaxBodyBytes)
            failures.Add(
                $"SagaHttpOptions.MaxLargeBytes is {options.MaxLargeBytes}: set it to MaxBodyBytes ({options.MaxBodyBytes}) or more."
            );
        if (options.LargeTimeout < Second || options.LargeTimeout > Hour)
            failures.Add($"SagaHttpOptions.LargeTimeout is {options.LargeTimeout}: set it from 00:00:01 to 01:00:00.");
        if (options.MaxWait < TimeSpan.Zero || options.MaxWait > Hour)
            failures.Add($"SagaHttpOptions.MaxWait is {options.MaxWait}: set it from 00:00:00 to 01:00:00.");
        if (options.Heartbeat < Second || options.Heartbeat > Hour)
            failures.Add($"SagaHttpOptions.Heartbeat is {options.Heartbeat}: set it from 00:00:01 to 01:00:00.");
        if (options.MaxEventStreams < 1)
            failures.Add($"SagaHttpOptions.MaxEventStreams is {options.MaxEventStreams}: set it to 1 or more.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
