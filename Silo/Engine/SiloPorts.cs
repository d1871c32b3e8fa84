using System.Net;
using System.Net.Sockets;

namespace OrleansSagas.Silo.Engine;

/// <summary>Finds a port for other silos.</summary>
internal static class SiloPorts
{
    private const int Usual = 11_111;

    /// <summary>A port that is free now, on every address of this machine.</summary>
    public static int Free() =>
        TryListen(0) ?? throw new InvalidOperationException("No port of this machine is free for other silos. Set Cluster:SiloPort.");

    /// <summary>
    /// The usual port, so that a silo that comes back is known to be the one that was there; another where that is taken.
    /// </summary>
    public static int UsualOrFree() => TryListen(Usual) ?? Free();

    private static int? TryListen(int port)
    {
        using var listener = new TcpListener(IPAddress.Any, port);
        try
        {
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return null;
        }
    }
}
