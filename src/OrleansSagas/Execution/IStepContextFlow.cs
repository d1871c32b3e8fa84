namespace OrleansSagas.Execution;

/// <summary>Lets a saga's headers reach what its steps call.</summary>
internal interface IStepContextFlow
{
    /// <summary>Sets them for the user's code that runs next in this asynchronous flow.</summary>
    void Begin(IReadOnlyDictionary<string, string> headers);
}
