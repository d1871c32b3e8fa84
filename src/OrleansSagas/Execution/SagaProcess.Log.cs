using Microsoft.Extensions.Logging;

namespace OrleansSagas.Execution;

/// <summary>What processes log. Never payloads, never messages of the user's exceptions: those are in the history.</summary>
internal static partial class SagaProcessLog
{
    [LoggerMessage(1, LogLevel.Warning, "A service of step {Step} threw while it was disposed; the step's answer stands.")]
    public static partial void ScopeNotDisposed(ILogger logger, string step, Exception exception);

    [LoggerMessage(8, LogLevel.Warning, "Saga {Saga}: what step {Step} registered on its cancellation token threw.")]
    public static partial void CallbackThrew(ILogger logger, SagaKey saga, string step, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "Saga {Saga} is stuck: the undo of step {Step} failed for good. Retry, skip or resolve it.")]
    public static partial void Stuck(ILogger logger, SagaKey saga, string step);

    [LoggerMessage(3, LogLevel.Error, "Saga {Saga} is held: {Problem}")]
    public static partial void Held(ILogger logger, SagaKey saga, string problem);

    [LoggerMessage(4, LogLevel.Warning, "The store did not take a commit of saga {Saga} ({Outcome}); it is tried again.")]
    public static partial void NotCommitted(ILogger logger, SagaKey saga, Storage.CommitOutcome outcome, Exception? exception);

    [LoggerMessage(5, LogLevel.Information, "Saga {Saga} is held elsewhere by now; this process closes.")]
    public static partial void LostRace(ILogger logger, SagaKey saga);

    [LoggerMessage(6, LogLevel.Error, "Saga {Saga}: {Message} Check what it did: nobody will undo it.")]
    public static partial void LateSuccess(ILogger logger, SagaKey saga, string message);

    [LoggerMessage(7, LogLevel.Error, "The process of saga {Saga} failed; the saga is loaded again.")]
    public static partial void Failed(ILogger logger, SagaKey saga, Exception exception);
}
