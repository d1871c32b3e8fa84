using OrleansSagas.Plans;

namespace OrleansSagas.Testing;

/// <summary>What is to go wrong in a host.</summary>
public sealed class SagaFaults
{
    private readonly Lock _gate = new();
    private readonly List<StepFaults> _steps = [];
    private readonly SagaCatalog _catalog;
    private readonly VirtualTime _time;

    internal SagaFaults(SagaCatalog catalog, VirtualTime time)
    {
        _catalog = catalog;
        _time = time;
        Store = new StoreFaults(time);
    }

    /// <summary>What is to go wrong with the store.</summary>
    public StoreFaults Store { get; }

    internal CrashFaults Crashes { get; } = new();

    /// <summary>What is to go wrong with a step's action.</summary>
    /// <param name="step">The step's name.</param>
    /// <param name="type">The saga type; null for every type that has such a step.</param>
    /// <param name="saga">The saga; null for every one.</param>
    /// <exception cref="ArgumentException">There is no such step; the message names those that are there.</exception>
    public StepFaults Step(string step, string? type = null, SagaId? saga = null) => Of(step, type, saga, StepDirection.Do);

    /// <summary>What is to go wrong with a step's undo.</summary>
    /// <param name="step">The step's name.</param>
    /// <param name="type">The saga type; null for every type that has such a step.</param>
    /// <param name="saga">The saga; null for every one.</param>
    /// <exception cref="ArgumentException">There is no such step, or it has no undo; the message names those that are there.</exception>
    public StepFaults Undo(string step, string? type = null, SagaId? saga = null) => Of(step, type, saga, StepDirection.Undo);

    /// <summary>The process dies before a commit is written, and is started again at once.</summary>
    /// <param name="number">Which commit, counted from now, 1 for the next.</param>
    public void CrashBeforeCommit(int number = 1) => Crashes.Plan(number, isBefore: true);

    /// <summary>The process dies after a commit was written, before anybody is told, and is started again at once.</summary>
    /// <param name="number">Which commit, counted from now, 1 for the next.</param>
    public void CrashAfterCommit(int number = 1) => Crashes.Plan(number, isBefore: false);

    /// <summary>Checks that everything that was asked for has come: a test whose fault never comes tests less than it says.</summary>
    /// <exception cref="SagaTestException">Something has not; the message names it.</exception>
    public void Verify()
    {
        List<StepFaults> steps;
        lock (_gate)
            steps = [.. _steps];
        var missed = steps
            .SelectMany(step => step.NotFired())
            .Concat(Store.NotFired())
            .Concat(Crashes.NotFired())
            .GroupBy(what => what)
            .ToList();
        if (missed.Count > 0)
            throw new SagaTestException(
                "These faults were asked for and never came: "
                    + $"{string.Join("; ", missed.Select(what => what.Count() == 1 ? what.Key : $"{what.Key} ({what.Count()} times)"))}."
            );
    }

    /// <summary>
    /// The fault of an attempt; null where it works. What is asked for one saga comes before what is asked for a type, and that before the
    /// rest.
    /// </summary>
    internal StepFault? Next(SagaPlan plan, PlanStep step, StepDirection direction, SagaKey saga)
    {
        lock (_gate)
        {
            foreach (var faults in _steps)
                if (faults.Next(step.Path.Value, plan.Type, saga, direction) is { } fault)
                    return fault;
            return null;
        }
    }

    private StepFaults Of(string step, string? type, SagaId? saga, StepDirection direction)
    {
        ArgumentNullException.ThrowIfNull(step);
        var path = StepPath.Root(step);
        var isThere = _catalog.All.Any(definition =>
            (type is null || type == definition.Plan.Type)
            && definition.Plan.Find(path) is { } found
            && (direction == StepDirection.Do || found.HasUndo)
        );
        if (!isThere)
            throw new ArgumentException(
                $"{(type is null ? "No saga here" : $"No saga type '{type}' here")} has a step "
                    + $"'{step}'{(direction == StepDirection.Do ? "" : " with an undo")}. There are: {WhatThereIs(direction)}.",
                nameof(step)
            );
        lock (_gate)
        {
            if (_steps.Find(faults => faults.Concerns(path.Value, type, saga, direction)) is { } known)
                return known;
            var fresh = new StepFaults(_time, path.Value, type, saga, direction);
            var index = _steps.FindIndex(faults => faults.Narrowness < fresh.Narrowness);
            _steps.Insert(index < 0 ? _steps.Count : index, fresh);
            return fresh;
        }
    }

    private string WhatThereIs(StepDirection direction) =>
        string.Join(
            "; ",
            _catalog
                .All.OrderBy(definition => definition.Plan.Type, StringComparer.Ordinal)
                .ThenBy(definition => definition.Plan.Version)
                .Select(definition => $"{definition.Plan.Type}: {string.Join(", ", StepsOf(definition, direction))}")
        );

    private static IEnumerable<string> StepsOf(SagaDefinition definition, StepDirection direction) =>
        definition.Plan.Steps.Where(step => direction == StepDirection.Do || step.HasUndo).Select(step => step.Path.Value);
}
