using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace OrleansSagas;

/// <summary>Checks settings when the host starts: it names every one that is out of its range, and the range.</summary>
internal abstract class SettingsValidator<T> : IValidateOptions<T>
    where T : class
{
    public ValidateOptionsResult Validate(string? name, T options)
    {
        var faults = Faults(options).OfType<string>().ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    /// <summary>What is wrong, in sentences; null for what is not.</summary>
    protected abstract IEnumerable<string?> Faults(T options);

    protected static string? Need(bool holds, string setting, string fix) => holds ? null : $"{typeof(T).Name}.{setting} {fix}.";
}

internal static class SettingsServiceCollectionExtensions
{
    /// <summary>Adds settings that are checked when the host starts.</summary>
    public static OptionsBuilder<T> AddSettings<T, TValidator>(this IServiceCollection services)
        where T : class
        where TValidator : SettingsValidator<T>
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<T>, TValidator>());
        return services.AddOptions<T>().ValidateOnStart();
    }
}
