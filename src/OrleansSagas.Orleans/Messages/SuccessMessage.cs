namespace OrleansSagas.Orleans.Messages;

/// <summary>Which attempt it was that succeeded late. Members are only ever added.</summary>
[GenerateSerializer, Alias("sagas.success"), Immutable]
internal sealed class SuccessMessage
{
    [Id(0)]
    public required bool IsUndo { get; init; }

    [Id(1)]
    public required int Run { get; init; }

    [Id(2)]
    public required int Attempt { get; init; }
}
