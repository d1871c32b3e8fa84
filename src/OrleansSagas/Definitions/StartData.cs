namespace OrleansSagas;

/// <summary>Checks the data of a start.</summary>
internal static class StartData
{
    /// <summary>What is wrong with the data, for whoever sent it; null where nothing is.</summary>
    /// <param name="definition">What is to be started.</param>
    /// <param name="json">The data as it came.</param>
    /// <param name="data">The typed data.</param>
    public static string? FindFault(SagaDefinition definition, ReadOnlySpan<byte> json, out object? data)
    {
        data = null;
        try
        {
            data = definition.Read(json);
            _ = definition.Tags(data);
            return JsonText.IsUnicode(json)
                ? null
                : throw new FormatException("it has text that is not Unicode: invalid UTF-8, or half a surrogate pair.");
        }
        catch (Exception exception)
        {
            // Reading runs the user's constructors and tags: whatever they throw, it is the data that did not suit them.
            return $"The body is not the data of a saga of type '{definition.Plan.Type}': {DataFault.Describe(exception)}";
        }
    }
}
