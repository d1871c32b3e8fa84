namespace OrleansSagas.Engine.Tests.Releases;

/// <summary>A saga that was started for a release's database.</summary>
/// <param name="Verb">What an operator has to do so that it goes on; null for nothing.</param>
internal sealed record GoldenSaga(string Id, string Type, Parcel Data, OperatorAction? Verb)
{
    public string Request => $"start-{Id}";

    public string AskedRequest => $"ask-{Id}";

    /// <summary>What an operator asked of it.</summary>
    public OperatorAction? Asked { get; set; }
}
