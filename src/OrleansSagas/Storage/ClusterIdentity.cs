namespace OrleansSagas.Storage;

/// <summary>Which cluster an engine belongs to, as its membership calls it.</summary>
/// <param name="ClusterId">The cluster: 1 to 200 characters.</param>
/// <param name="ServiceId">The application that runs on it: 1 to 200 characters.</param>
internal sealed record ClusterIdentity(string ClusterId, string ServiceId);
