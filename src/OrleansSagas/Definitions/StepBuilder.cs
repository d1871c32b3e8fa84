using OrleansSagas.Plans;

namespace OrleansSagas;

/// <summary>Says what a step does, how it is undone, how often it is tried and how long it may take.</summary>
public sealed class StepBuilder<TData>
    where TData : class
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private StepPolicies _policies = new();
    private ActionCode<TData>? _action;
    private UndoCode<TData>? _undo;
    private int _actions;
    private int _undos;

    internal StepBuilder(string name) => Name = name;

    internal string Name { get; }

    /// <summary>
    /// The step calls <typeparamref name="TService"/> from dependency injection; its result is folded into the data by a pure function.
    /// </summary>
    public StepBuilder<TData> Do<TService, TResult>(
        Func<TService, TData, StepContext, Task<TResult>> action,
        Func<TData, TResult, TData> fold
    )
        where TService : notnull
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentNullException.ThrowIfNull(fold);
        return Act(new ServiceAction<TData, TService, TResult>(action, fold));
    }

    /// <summary>The step calls <typeparamref name="TService"/> from dependency injection; the data stays as it is.</summary>
    public StepBuilder<TData> Do<TService>(Func<TService, TData, StepContext, Task> action)
        where TService : notnull
    {
        ArgumentNullException.ThrowIfNull(action);
        return Act(new ServiceAction<TData, TService>(action));
    }

    /// <summary>The step calls a function; its result is folded into the data by a pure function.</summary>
    public StepBuilder<TData> Do<TResult>(Func<TData, StepContext, Task<TResult>> action, Func<TData, TResult, TData> fold)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentNullException.ThrowIfNull(fold);
        return Act(new FunctionAction<TData, TResult>(action, fold));
    }

    /// <summary>The step calls a function; the data stays as it is.</summary>
    public StepBuilder<TData> Do(Func<TData, StepContext, Task> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return Act(new FunctionAction<TData>(action));
    }

    /// <summary>The undo calls <typeparamref name="TService"/> from dependency injection.</summary>
    public StepBuilder<TData> Undo<TService>(Func<TService, TData, UndoContext, Task> undo)
        where TService : notnull
    {
        ArgumentNullException.ThrowIfNull(undo);
        return Undo(new ServiceUndo<TData, TService>(undo));
    }

    /// <summary>The undo calls a function.</summary>
    public StepBuilder<TData> Undo(Func<TData, UndoContext, Task> undo)
    {
        ArgumentNullException.ThrowIfNull(undo);
        return Undo(new FunctionUndo<TData>(undo));
    }

    /// <summary>
    /// How often the action is tried. Default: as <see cref="SagaBuilder{TData}.Steps"/> says, or else <see cref="RetryPolicy.Default"/>.
    /// </summary>
    public StepBuilder<TData> Retry(RetryPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _policies = _policies with { Retry = policy };
        return this;
    }

    /// <summary>
    /// How often the undo is tried; then the saga is stuck. Default: as <see cref="SagaBuilder{TData}.Steps"/> says, or else
    /// <see cref="RetryPolicy.DefaultUndo"/>.
    /// </summary>
    public StepBuilder<TData> UndoRetry(RetryPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _policies = _policies with { UndoRetry = policy };
        return this;
    }

    /// <summary>
    /// How long one attempt may take, up to one day. Default: as <see cref="SagaBuilder{TData}.Steps"/> says, or else 30 seconds.
    /// </summary>
    public StepBuilder<TData> Timeout(TimeSpan timeout)
    {
        _policies = _policies with { Timeout = timeout };
        return this;
    }

    /// <summary>
    /// How long one attempt of the undo may take, up to one day. Default: as <see cref="SagaBuilder{TData}.Steps"/> says, or else as the
    /// action.
    /// </summary>
    public StepBuilder<TData> UndoTimeout(TimeSpan timeout)
    {
        _policies = _policies with { UndoTimeout = timeout };
        return this;
    }

    internal string? Fault(StepPolicies defaults) =>
        _actions == 0 && _undos > 0 ? "it has an undo but no action: say what it does with Do"
        : _actions == 0 ? "it has no action: say what it does with Do"
        : _actions > 1 ? "it has two actions; a step has one"
        : _undos > 1 ? "it has two undos; a step has one"
        : _policies.Or(defaults).Fault();

    internal PlanStep Plan(int index, StepPolicies defaults)
    {
        var policies = _policies.Or(defaults);
        var timeout = policies.Timeout ?? DefaultTimeout;
        return new()
        {
            Path = StepPath.Root(Name),
            Index = index,
            HasUndo = _undo is not null,
            Retry = policies.Retry ?? RetryPolicy.Default,
            UndoRetry = policies.UndoRetry ?? RetryPolicy.DefaultUndo,
            Timeout = timeout,
            UndoTimeout = policies.UndoTimeout ?? timeout,
        };
    }

    internal StepCode<TData> Code() => new(_action!, _undo);

    private StepBuilder<TData> Act(ActionCode<TData> action)
    {
        _action = action;
        _actions++;
        return this;
    }

    private StepBuilder<TData> Undo(UndoCode<TData> undo)
    {
        _undo = undo;
        _undos++;
        return this;
    }
}
