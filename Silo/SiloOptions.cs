namespace OrleansSagas.Silo;

/// <summary>The section <c>Silo</c> of the settings.</summary>
internal sealed class SiloOptions
{
    public const string Section = "Silo";

    /// <summary>The greatest number of connections, at least 1; one more is closed at once. Default: 20,000.</summary>
    public int MaxConnections { get; set; } = 20_000;
}
