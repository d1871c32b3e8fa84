using Microsoft.Extensions.DependencyInjection;

namespace OrleansSagas;

/// <summary>The user's code of one step.</summary>
internal sealed record StepCode<TData>(ActionCode<TData> Action, UndoCode<TData>? Undo);

/// <summary>An action: what it calls, and how its result is folded into the data.</summary>
internal abstract class ActionCode<TData>
{
    public virtual bool NeedsServices => false;

    public abstract Task ActAsync(IServiceProvider? services, TData data, StepContext context);

    /// <summary>The data after the action, given its finished task; the same object where it does not change.</summary>
    public virtual TData Fold(TData data, Task acted) => data;

#pragma warning disable VSTHRD002 // it has finished
    protected static TResult ResultOf<TResult>(Task<TResult> finished) => finished.Result;
#pragma warning restore VSTHRD002
}

/// <summary>An undo: what it calls.</summary>
internal abstract class UndoCode<TData>
{
    public virtual bool NeedsServices => false;

    public abstract Task UndoAsync(IServiceProvider? services, TData data, UndoContext context);
}

internal sealed class ServiceAction<TData, TService, TResult>(
    Func<TService, TData, StepContext, Task<TResult>> action,
    Func<TData, TResult, TData> fold
) : ActionCode<TData>
    where TService : notnull
{
    public override bool NeedsServices => true;

    public override Task ActAsync(IServiceProvider? services, TData data, StepContext context) =>
        action(services!.GetRequiredService<TService>(), data, context);

    public override TData Fold(TData data, Task acted) => fold(data, ResultOf((Task<TResult>)acted));
}

internal sealed class ServiceAction<TData, TService>(Func<TService, TData, StepContext, Task> action) : ActionCode<TData>
    where TService : notnull
{
    public override bool NeedsServices => true;

    public override Task ActAsync(IServiceProvider? services, TData data, StepContext context) =>
        action(services!.GetRequiredService<TService>(), data, context);
}

internal sealed class FunctionAction<TData, TResult>(Func<TData, StepContext, Task<TResult>> action, Func<TData, TResult, TData> fold)
    : ActionCode<TData>
{
    public override Task ActAsync(IServiceProvider? services, TData data, StepContext context) => action(data, context);

    public override TData Fold(TData data, Task acted) => fold(data, ResultOf((Task<TResult>)acted));
}

internal sealed class FunctionAction<TData>(Func<TData, StepContext, Task> action) : ActionCode<TData>
{
    public override Task ActAsync(IServiceProvider? services, TData data, StepContext context) => action(data, context);
}

internal sealed class ServiceUndo<TData, TService>(Func<TService, TData, UndoContext, Task> undo) : UndoCode<TData>
    where TService : notnull
{
    public override bool NeedsServices => true;

    public override Task UndoAsync(IServiceProvider? services, TData data, UndoContext context) =>
        undo(services!.GetRequiredService<TService>(), data, context);
}

internal sealed class FunctionUndo<TData>(Func<TData, UndoContext, Task> undo) : UndoCode<TData>
{
    public override Task UndoAsync(IServiceProvider? services, TData data, UndoContext context) => undo(data, context);
}
