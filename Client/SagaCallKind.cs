namespace OrleansSagas.Client;

/// <summary>What a call is for: it tells what a bare status code means.</summary>
internal enum SagaCallKind
{
    Start,
    Read,
    Verb,
    List,
    Watch,
}
