namespace OrleansSagas.Shop.Behaviours;

/// <summary>How an attempt goes wrong.</summary>
internal enum FaultKind
{
    None,
    Fail,
    LoseAnswer,
    Hang,
}
