using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OrleansSagas.Decisions;
using OrleansSagas.Plans;
using OrleansSagas.Telemetry;

namespace OrleansSagas.Execution;

/// <summary>Runs one attempt of the user's code and says how it ended.</summary>
internal static class StepExecutor
{
    private const int MaxMessageLength = 1_024;

    private static readonly StepOutcome.Succeeded Done = new();

    /// <summary>Runs the attempt.</summary>
    /// <returns>
    /// How it ended, with its finished task where that holds a result; a null outcome where what it threw after a stop was signalled is no
    /// answer.
    /// </returns>
    public static async Task<(StepOutcome? Outcome, Task? Result)> RunAsync(SagaServices services, StepAttempt attempt)
    {
        var work = attempt.Work;
        var (_, definition, state, data, traceParent, actionsInFlight) = attempt.Context;
        var clock = services.Runtime.Clock;
        long? began = services.Instruments.MeasuresAttempts ? clock.GetTimestamp() : null;
        using var span = SagaActivities.BeginAttempt(state.Key, definition.Plan.Type, work, traceParent);
        if (!state.Headers.IsEmpty)
            services.StepFlow?.Begin(state.Headers);
        try
        {
            // An undo waits a bounded time for attempts of its action that timed out here and have not returned.
            if (work.Direction == StepDirection.Undo && actionsInFlight.Count > 0)
            {
                await ReturnedAsync(services, actionsInFlight, attempt.Cancellation);
                if (began is not null)
                    began = clock.GetTimestamp();
            }

            var acted = await CallAsync(
                services,
                definition,
                state,
                data ?? definition.Read(services.Codec.Decode(state.Data).Span),
                attempt
            );
            Ended(services, attempt, began, span, "success");
            return (Done, acted);
        }
        catch (StepRejectedException rejected)
        {
            Ended(services, attempt, began, span, "rejected");
            return (new StepOutcome.Rejected(ErrorOf(rejected)), null);
        }
        catch (Exception exception)
        {
            var isNoAnswer = services.Host.Stopping.IsCancellationRequested;
            Ended(
                services,
                attempt,
                began,
                span,
                isNoAnswer ? "stopped"
                    : attempt.HasTimedOut ? "timeout"
                    : attempt.IsCancelled ? "cancelled"
                    : "error",
                isNoAnswer ? null : exception
            );
            return (
                isNoAnswer ? null : new StepOutcome.Failed(ErrorOf(exception), WorthRetrying(work.Step.RetryOf(work.Direction), exception)),
                null
            );
        }
    }

    private static void Ended(
        SagaServices services,
        StepAttempt attempt,
        long? began,
        Activity? span,
        string outcome,
        Exception? why = null
    )
    {
        if (began is { } since)
            services.Instruments.Ran(
                attempt.Context.Definition.Plan.Type,
                attempt.Work,
                outcome,
                services.Runtime.Clock.GetElapsedTime(since)
            );
        SagaActivities.End(span, outcome, why);
    }

    public static SagaError ErrorOf(Exception exception)
    {
        // The user's own exceptions may have no message, or throw when asked for it.
        string? message;
        try
        {
            message = exception.Message;
        }
        catch (Exception)
        {
            message = null;
        }

        message ??= "";
        return new(exception.GetType().Name, message.Length <= MaxMessageLength ? message : message[..MaxMessageLength]);
    }

    private static async Task ReturnedAsync(SagaServices services, IReadOnlyList<Task> actions, CancellationToken cancellation)
    {
        var clock = services.Runtime.Clock;
        var began = clock.GetTimestamp();
        foreach (var action in actions)
        {
            var left = SagaDecider.Grace - clock.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || !await Waiting.ForAsync(action, left, clock, cancellation))
                return;
        }
    }

    private static async Task<Task> CallAsync(
        SagaServices services,
        SagaDefinition definition,
        SagaState state,
        object data,
        StepAttempt attempt
    )
    {
        var work = attempt.Work;
        var code = new StepWorkCode(work.Step.Index, work.Direction);
        var context =
            work.Direction == StepDirection.Do
                ? new StepContext(state, work.Step, work.Run, work.Attempt, attempt.Cancellation, services.Host.Stopping)
                : new UndoContext(state, work.Step, work.Run, work.Attempt, attempt.Cancellation, services.Host.Stopping);
        if (!definition.NeedsServices(code))
        {
            var task = definition.RunAsync(code, null, data, context);
            await task;
            return task;
        }

        var scope = services.Scopes.CreateAsyncScope();
        try
        {
            var task = definition.RunAsync(code, scope.ServiceProvider, data, context);
            await task;
            return task;
        }
        finally
        {
            await DisposeAsync(services, scope, work.Step.Path);
        }
    }

    private static async Task DisposeAsync(SagaServices services, AsyncServiceScope scope, StepPath path)
    {
        try
        {
            await scope.DisposeAsync();
        }
        catch (Exception exception)
        {
            // The step's answer stands: what a service does when it is thrown away says nothing about it.
            SagaProcessLog.ScopeNotDisposed(services.Logger, path.Value, exception);
        }
    }

    public static bool WorthRetrying(RetryPolicy policy, Exception exception)
    {
        foreach (var error in policy.NonRetryableErrors)
            if (error.Fits(exception))
                return false;
        return true;
    }
}
