using System.Collections.Immutable;
using System.Text.Json;
using OrleansSagas.Plans;

namespace OrleansSagas;

/// <summary>Collects what a saga is made of; <see cref="Build"/> checks it.</summary>
public sealed class SagaBuilder<TData>
    where TData : class
{
    private const int MaxSteps = 1_000;
    private const int MaxTags = 16;

    private readonly string _type;
    private readonly int _version;
    private readonly JsonSerializerOptions? _json;
    private readonly List<StepBuilder<TData>> _steps = [];
    private readonly List<KeyValuePair<string, Func<TData, string?>>> _tags = [];
    private readonly StepDefaults _defaults = new();
    private TimeSpan? _deadline;

    internal SagaBuilder(string type, int version, JsonSerializerOptions? json)
    {
        ArgumentNullException.ThrowIfNull(type);
        _type = type;
        _version = version;
        _json = json;
    }

    /// <summary>Adds a step. Steps are done in the order in which they are added, and undone in reverse.</summary>
    /// <param name="name">1 to 64 characters of <c>A-Z a-z 0-9 . _ -</c>, unique in the saga.</param>
    /// <param name="define">Says what the step does.</param>
    public SagaBuilder<TData> Step(string name, Action<StepBuilder<TData>> define)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(define);
        var step = new StepBuilder<TData>(name);
        define(step);
        _steps.Add(step);
        return this;
    }

    /// <summary>
    /// Says how steps are tried that do not say it themselves, whether they are added before or after it. What is said twice holds as it
    /// was said last.
    /// </summary>
    /// <param name="define">Says what holds for them.</param>
    public SagaBuilder<TData> Steps(Action<StepDefaults> define)
    {
        ArgumentNullException.ThrowIfNull(define);
        define(_defaults);
        return this;
    }

    /// <summary>Sets how long the saga may go forward; then it is undone. Default: as long as it takes.</summary>
    public SagaBuilder<TData> Deadline(TimeSpan deadline)
    {
        _deadline = deadline;
        return this;
    }

    /// <summary>
    /// Makes the saga searchable by a value of its data: a pure function, at most 256 characters; null for no tag. At most 16 tags.
    /// </summary>
    public SagaBuilder<TData> Tag(string name, Func<TData, string?> value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        _tags.Add(new(name, value));
        return this;
    }

    /// <summary>Checks the definition and makes it.</summary>
    /// <exception cref="SagaDefinitionException">
    /// The definition cannot work; the message names the saga, the step and the fault.
    /// </exception>
    public SagaDefinition Build()
    {
        if (!IsName(_type))
            throw Fault(null, "a saga type has 1 to 64 characters of A-Z a-z 0-9 . _ -");
        if (_version < 1)
            throw Fault(null, $"the version is {_version}; versions count from 1");
        if (_deadline is { } deadline && (deadline <= TimeSpan.Zero || deadline > TimeSpan.FromDays(3650)))
            throw Fault(null, "the deadline must be longer than zero and at most ten years");
        if (_steps.Count is 0 or > MaxSteps)
            throw Fault(null, $"it has {_steps.Count} steps; a saga has 1 to {MaxSteps}");
        if (_tags.Count > MaxTags)
            throw Fault(null, $"it has {_tags.Count} tags; a saga has at most {MaxTags}");
        if (_tags.FirstOrDefault(tag => !IsName(tag.Key)).Key is { } badTag)
            throw Fault(null, $"the tag '{badTag}' has a name that is not 1 to 64 characters of A-Z a-z 0-9 . _ -");
        if (_tags.GroupBy(tag => tag.Key, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw Fault(null, $"the tag '{twice.Key}' is defined twice");

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var step in _steps)
        {
            var fault =
                !IsName(step.Name) ? "a step's name has 1 to 64 characters of A-Z a-z 0-9 . _ -"
                : !names.Add(step.Name) ? "a step with this name exists already"
                : step.Fault(_defaults.Policies);
            if (fault is not null)
                throw Fault(step.Name, fault);
        }

        var plan = new SagaPlan(_type, _version, _deadline, [.. _steps.Select((step, index) => step.Plan(index, _defaults.Policies))]);
        return new SagaDefinition<TData>(
            plan,
            [.. _steps.Select(step => step.Code())],
            [.. _tags.OrderBy(tag => tag.Key, StringComparer.Ordinal)],
            _json is null ? SagaJson.Options : SagaJson.Bound(_json)
        );
    }

    private SagaDefinitionException Fault(string? step, string fault) => new(_type, step, fault);

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
