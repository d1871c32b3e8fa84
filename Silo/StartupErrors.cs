using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace OrleansSagas.Silo;

/// <summary>Says in one message why the silo did not start, where that is something the person who starts it can change.</summary>
internal static class StartupErrors
{
    /// <summary>Why; null for what is a defect of the program and needs its stack trace.</summary>
    public static string? Explain(Exception failure) =>
        failure switch
        {
            AggregateException { InnerExceptions: [var only] } => Explain(only),
            OptionsValidationException options => string.Join(Environment.NewLine, options.Failures),
            // The settings' binder says which setting in the outer message and what is wrong with it in the inner one.
            InvalidOperationException { InnerException: { } inner and (FormatException or ArgumentException) } setting =>
                $"{setting.Message} {inner.Message}",
            SagaException
            or OrleansConfigurationException
            or IOException
            or UnauthorizedAccessException
            or SocketException
            or FormatException
            or InvalidDataException
            or ArgumentException
            or InvalidOperationException => failure.Message,
            _ => null,
        };
}
