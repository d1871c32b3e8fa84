namespace OrleansSagas.Shop.Behaviours;

/// <summary>How an attempt goes wrong.</summary>
internal enum Trouble
{
    None,
    Fail,
    LoseAnswer,
    Hang,
}
