using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansSagas.Plans;

namespace OrleansSagas;

/// <summary>The definition of a saga with data of type <typeparamref name="TData"/>.</summary>
internal sealed class SagaDefinition<TData>(
    SagaPlan plan,
    ImmutableArray<StepCode<TData>> steps,
    ImmutableArray<KeyValuePair<string, Func<TData, string?>>> tags,
    JsonSerializerOptions json
) : SagaDefinition(plan)
    where TData : class
{
    private const int MaxTagLength = 256;

    private readonly JsonTypeInfo<TData> _json = (JsonTypeInfo<TData>)json.GetTypeInfo(typeof(TData));

    public override Type DataType => typeof(TData);

    internal override object Read(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, _json) ?? throw new JsonException("The data is null.");

    internal override byte[] Write(object data) => JsonSerializer.SerializeToUtf8Bytes((TData)data, _json);

    internal override IReadOnlyList<KeyValuePair<string, string>> Tags(object data)
    {
        if (tags.IsEmpty)
            return [];
        var found = new List<KeyValuePair<string, string>>(tags.Length);
        foreach (var (name, value) in tags)
        {
            var text = value((TData)data);
            if (text is null)
                continue;
            found.Add(
                text.Length <= MaxTagLength
                    ? new(name, text)
                    : throw new FormatException($"The tag '{name}' has {text.Length} characters; a tag's value has at most {MaxTagLength}.")
            );
        }

        return found;
    }

    internal override bool NeedsServices(StepWorkCode work) =>
        work.Direction == StepDirection.Do ? steps[work.Step].Action.NeedsServices : steps[work.Step].Undo!.NeedsServices;

    internal override Task RunAsync(StepWorkCode work, IServiceProvider? services, object data, StepContext context) =>
        work.Direction == StepDirection.Do
            ? steps[work.Step].Action.ActAsync(services, (TData)data, context)
            : steps[work.Step].Undo!.UndoAsync(services, (TData)data, (UndoContext)context);

    internal override object Fold(int step, object data, Task acted) => steps[step].Action.Fold((TData)data, acted);
}
