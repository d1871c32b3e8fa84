namespace OrleansSagas.Orleans.Placement;

/// <summary>What a silo says of itself to the others.</summary>
/// <param name="Silo">Its address.</param>
/// <param name="Room">How many more sagas it has room for.</param>
/// <param name="IsLeaving">Whether it is stopping, so that nothing new is to be given to it.</param>
[GenerateSerializer, Alias("sagas.silo-notice"), Immutable]
internal readonly record struct SiloNotice([property: Id(0)] string Silo, [property: Id(1)] int Room, [property: Id(2)] bool IsLeaving);
