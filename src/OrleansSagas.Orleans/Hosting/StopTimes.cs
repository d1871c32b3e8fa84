using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrleansSagas.Execution;

namespace OrleansSagas.Orleans.Hosting;

/// <summary>
/// Derives from <see cref="SagaOptions.StopTimeout"/> how long the host gives a silo to stop, and refuses a time in which it cannot.
/// </summary>
internal sealed class StopTimes(SagaOptions sagas) : IPostConfigureOptions<HostOptions>, IValidateOptions<HostOptions>
{
    private static readonly TimeSpan Default = new HostOptions().ShutdownTimeout;

    /// <summary>What the sagas need after the steps, and what the rest of the silo needs after them.</summary>
    private static readonly TimeSpan Rest = SagaProcesses.LettingGo + TimeSpan.FromSeconds(9);

    public void PostConfigure(string? name, HostOptions options)
    {
        if (options.ShutdownTimeout == Default)
            options.ShutdownTimeout = sagas.StopTimeout + Rest;
    }

    public ValidateOptionsResult Validate(string? name, HostOptions options)
    {
        var least = sagas.StopTimeout + SagaProcesses.LettingGo;
        return options.ShutdownTimeout == Timeout.InfiniteTimeSpan || options.ShutdownTimeout >= least
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{nameof(HostOptions)}.{nameof(HostOptions.ShutdownTimeout)} is {options.ShutdownTimeout}, and a silo that stops lets "
                    + "steps finish for "
                    + $"{nameof(SagaOptions)}.{nameof(SagaOptions.StopTimeout)} ({sagas.StopTimeout}) and then needs "
                    + $"{SagaProcesses.LettingGo} more to write what is due: the host would cut "
                    + $"that short. Leave {nameof(HostOptions.ShutdownTimeout)} alone (it is then {sagas.StopTimeout + Rest}), set it "
                    + $"to {least} or more, or lower {nameof(SagaOptions.StopTimeout)}."
            );
    }
}
