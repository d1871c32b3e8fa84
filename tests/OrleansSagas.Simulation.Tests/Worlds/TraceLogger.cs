using Microsoft.Extensions.Logging;
using OrleansSagas.Execution;
using OrleansSagas.Local;

namespace OrleansSagas.Simulation.Tests.Worlds;

/// <summary>Puts a process's log into the trace. An error in it that no fault explains is a defect of the engine's.</summary>
internal sealed class TraceLogger(World world, string process) : ILogger<SagaProcesses>, ILogger<LocalEngine>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        if (world.Traces)
            world.Say(
                process,
                $"log: {formatter(state, exception)}{(exception is null ? "" : $" ({exception.GetType().Name}: {exception.Message})")}"
            );
        if (eventId.Name == nameof(SagaProcessLog.Failed))
            world.Fail($"The process of a saga failed: {formatter(state, exception)} {exception}");
    }
}
