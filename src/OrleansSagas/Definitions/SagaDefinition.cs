using OrleansSagas.Plans;

namespace OrleansSagas;

/// <summary>A checked definition of one version of a saga type: its plan, and the user's code behind it.</summary>
public abstract class SagaDefinition
{
    private protected SagaDefinition(SagaPlan plan) => Plan = plan;

    /// <summary>The saga type's name.</summary>
    public string Type => Plan.Type;

    /// <summary>The version of the definition, 1 or more.</summary>
    public int Version => Plan.Version;

    /// <summary>The shape and the policies, without code.</summary>
    internal SagaPlan Plan { get; }

    /// <summary>The type of the data.</summary>
    public abstract Type DataType { get; }

    /// <summary>Reads the data.</summary>
    /// <exception cref="System.Text.Json.JsonException">It does not fit.</exception>
    internal abstract object Read(ReadOnlySpan<byte> json);

    internal abstract byte[] Write(object data);

    /// <summary>The tags of the data, in ordinal order of their names.</summary>
    /// <exception cref="FormatException">A value is too long.</exception>
    internal abstract IReadOnlyList<KeyValuePair<string, string>> Tags(object data);

    internal abstract bool NeedsServices(StepWorkCode work);

    internal abstract Task RunAsync(StepWorkCode work, IServiceProvider? services, object data, StepContext context);

    /// <summary>The data after the finished action; the same object where it does not change.</summary>
    internal abstract object Fold(int step, object data, Task acted);
}

/// <summary>Which piece of a definition's code to run.</summary>
internal readonly record struct StepWorkCode(int Step, StepDirection Direction);
