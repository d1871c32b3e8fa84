using OrleansSagas.Http.Problems;

namespace OrleansSagas.Http.Requests;

/// <summary>A body that was read, or why it was not.</summary>
internal readonly record struct BodyRead(byte[] Bytes, SagaProblem? Problem = null);
