using Microsoft.Extensions.Options;

namespace OrleansSagas.Silo;

/// <summary>Validates settings that decide what is registered, and so are read before there are options.</summary>
internal static class Validation
{
    /// <exception cref="OptionsValidationException">A setting cannot be used; the message names it.</exception>
    public static T Validated<T>(this T settings, IValidateOptions<T> validator)
        where T : class
    {
        var result = validator.Validate(Options.DefaultName, settings);
        return result.Failed ? throw new OptionsValidationException(Options.DefaultName, typeof(T), result.Failures) : settings;
    }
}
