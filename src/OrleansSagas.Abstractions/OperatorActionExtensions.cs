namespace OrleansSagas;

internal static class OperatorActionExtensions
{
    /// <summary>The verb as it stands in a path and in a message, such as <c>cancel</c>.</summary>
    public static string ToVerb(this OperatorAction action) => action.ToString().ToLowerInvariant();
}
