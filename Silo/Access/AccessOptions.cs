namespace OrleansSagas.Silo.Access;

/// <summary>The section <c>Access</c> of the settings: who may call.</summary>
internal sealed class AccessOptions
{
    public const string Section = "Access";

    /// <summary>Those who may call; none where only this machine can. Default: none.</summary>
    public IList<AccessKey> ApiKeys { get; } = [];
}
