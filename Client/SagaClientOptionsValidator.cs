using Microsoft.Extensions.Options;

namespace OrleansSagas.Client;

internal sealed class SagaClientOptionsValidator : IValidateOptions<SagaClientOptions>
{
    public ValidateOptionsResult Validate(string? name, SagaClientOptions options)
    {
        var failures = Failures(options).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(SagaClientOptions options)
    {
        if (options.Address is null)
            yield return Say(nameof(options.Address), "is not set", "set it to the server's address, such as http://127.0.0.1:5080");
        else if (!options.Address.IsAbsoluteUri || options.Address.Scheme is not ("http" or "https"))
            yield return Say(
                nameof(options.Address),
                $"is '{options.Address}'",
                "use an absolute http or https address, such as http://127.0.0.1:5080"
            );
        else if (options.Address.Query.Length + options.Address.Fragment.Length + options.Address.UserInfo.Length > 0)
            yield return Say(
                nameof(options.Address),
                "has a query, a fragment or user info",
                "keep scheme, host, port and path only; a key goes into ApiKey"
            );
        if (options.ApiKey is not null && !HeaderText.Fits(options.ApiKey, int.MaxValue))
            yield return Say(
                nameof(options.ApiKey),
                "is empty or has characters that no header can carry",
                "use printable ASCII, or leave it null"
            );
        if (options.Json is null)
            yield return Say(nameof(options.Json), "is null", "leave its default, JsonSerializerOptions.Web, or set your own");
        if (Outside(options.PollWait, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60)))
            yield return Say(nameof(options.PollWait), $"is {options.PollWait}", "use 1 to 60 seconds; the server waits no longer");
        if (Outside(options.AttemptTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)))
            yield return Say(nameof(options.AttemptTimeout), $"is {options.AttemptTimeout}", "use 10 milliseconds to 1 hour");
        if (Outside(options.RetryFor, TimeSpan.Zero, TimeSpan.FromDays(1)))
            yield return Say(nameof(options.RetryFor), $"is {options.RetryFor}", "use zero, for no repeats, to 1 day");
        if (Outside(options.MaxRetryDelay, TimeSpan.FromTicks(1), TimeSpan.FromDays(1)))
            yield return Say(nameof(options.MaxRetryDelay), $"is {options.MaxRetryDelay}", "use more than zero and at most 1 day");
        else if (Outside(options.RetryDelay, TimeSpan.FromTicks(1), options.MaxRetryDelay))
            yield return Say(
                nameof(options.RetryDelay),
                $"is {options.RetryDelay}",
                $"use more than zero and at most MaxRetryDelay, which is {options.MaxRetryDelay}"
            );
        if (options.HeartbeatTimeout <= TimeSpan.FromSeconds(15) || options.HeartbeatTimeout > TimeSpan.FromHours(1))
            yield return Say(
                nameof(options.HeartbeatTimeout),
                $"is {options.HeartbeatTimeout}",
                "use more than 15 seconds, the server's heartbeat, and at most 1 hour"
            );
        if (options.MaxResponseSize < 1024)
            yield return Say(nameof(options.MaxResponseSize), $"is {options.MaxResponseSize}", "use at least 1,024 bytes");
    }

    private static bool Outside(TimeSpan value, TimeSpan least, TimeSpan most) => value < least || value > most;

    private static string Say(string setting, string problem, string fix) => $"{nameof(SagaClientOptions)}.{setting} {problem}: {fix}.";
}
