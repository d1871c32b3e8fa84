namespace OrleansSagas.EndToEnd.Tests.Hostile.Corpus;

/// <summary>What is done to a body.</summary>
internal enum ChangeKind
{
    Truncate,
    FlipBit,
    Insert,
    Replace,
    Remove,
    Repeat,
    ReplaceInText,
}
