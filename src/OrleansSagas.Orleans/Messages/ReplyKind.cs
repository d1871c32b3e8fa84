namespace OrleansSagas.Orleans.Messages;

/// <summary>What a saga's grain answers, as it travels: numbers are never given anew.</summary>
[GenerateSerializer, Alias("sagas.reply-kind")]
internal enum ReplyKind : byte
{
    Taken = 1,
    Repeated = 2,
    Refused = 3,
    Unavailable = 4,
    Overloaded = 5,
    Moved = 6,
    Elsewhere = 7,
}
