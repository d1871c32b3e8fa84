namespace OrleansSagas.Orleans.Messages;

/// <summary>What a call asks, as it travels: numbers are never given anew.</summary>
[GenerateSerializer, Alias("sagas.call-kind")]
internal enum CallKind : byte
{
    Start = 1,
    TimePassed = 2,
    Cancel = 3,
    Terminate = 4,
    Pause = 5,
    Resume = 6,
    RetryUndo = 7,
    SkipUndo = 8,
    ResolveUndo = 9,

    /// <summary>A step's success that came after its owner let go.</summary>
    LateSuccess = 10,
}
