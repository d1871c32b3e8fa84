namespace OrleansSagas.Storage;

/// <summary>
/// The forms in which sagas are stored, in the order in which releases brought them. Raised whenever a release may write what the one
/// before it cannot read.
/// </summary>
internal static class StoredForm
{
    /// <summary>That of version 0.1.0, whose engines do not say which they can read.</summary>
    public const int First = 1;

    /// <summary>The newest that this program can read.</summary>
    public static readonly int Newest = 2;
}
