using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansSagas.Execution;

namespace OrleansSagas.Orleans.Tests;

/// <summary>Keeps what the engine of a silo warns of.</summary>
internal sealed class WarningLog(string silo, ConcurrentQueue<(string Silo, string Text)> warnings) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) =>
        categoryName == typeof(SagaProcesses).FullName ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (IsEnabled(logLevel))
            warnings.Enqueue((silo, formatter(state, exception)));
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Dispose() { }
}
