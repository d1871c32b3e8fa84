namespace OrleansSagas.Silo.Access;

/// <summary>Someone who may call.</summary>
internal sealed class AccessKey
{
    public const int MinKeyLength = 32;
    public const int MaxKeyLength = 512;
    public const int MaxNameLength = 256;

    /// <summary>The name under which histories show what was done with the key.</summary>
    public string Name { get; set; } = "";

    /// <summary>The secret: 32 to 512 printable ASCII characters without spaces.</summary>
    public string Key { get; set; } = "";
}
