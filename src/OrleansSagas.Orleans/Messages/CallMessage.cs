namespace OrleansSagas.Orleans.Messages;

/// <summary>A call as it travels from silo to silo. Members are only ever added.</summary>
[GenerateSerializer, Alias("sagas.call"), Immutable]
internal struct CallMessage
{
    [Id(0)]
    public CallKind Kind;

    [Id(1)]
    public string? Note;

    [Id(2)]
    public string? Step;

    [Id(3)]
    public string? Actor;

    [Id(4)]
    public string? TraceParent;

    [Id(5)]
    public bool WantsView;

    [Id(6)]
    public RequestMessage? Request;

    [Id(7)]
    public StartMessage? Start;

    [Id(8)]
    public SuccessMessage? Success;

    [Id(9)]
    public bool IsUnchecked;
}
