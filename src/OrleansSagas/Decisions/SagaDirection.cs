namespace OrleansSagas.Decisions;

/// <summary>Where a saga is heading.</summary>
internal enum SagaDirection
{
    /// <summary>Its steps are being done.</summary>
    Forward,

    /// <summary>Its steps are being undone.</summary>
    Compensating,
}
