namespace OrleansSagas.Orleans.Messages;

/// <summary>A reply as it travels from silo to silo. Members are only ever added.</summary>
[GenerateSerializer, Alias("sagas.reply"), Immutable]
internal struct ReplyMessage
{
    [Id(0)]
    public ReplyKind Kind;

    /// <summary>The saga in the JSON of the public API.</summary>
    [Id(1)]
    public byte[]? View;

    [Id(2)]
    public RequestMessage? Earlier;

    [Id(3)]
    public byte Refusal;

    [Id(4)]
    public string? Text;

    [Id(5)]
    public NeedsMessage? Needs;
}
