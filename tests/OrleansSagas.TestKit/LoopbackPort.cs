using System.Net;
using System.Net.Sockets;

namespace OrleansSagas.TestKit;

/// <summary>A port of this machine that nobody listens on.</summary>
internal static class LoopbackPort
{
    /// <summary>
    /// Below the ports that the system gives to outgoing connections: a caller that tries again and again while a server is down would else
    /// be given the server's own port one day, and be connected to itself.
    /// </summary>
    private const int Lowest = 12_000;
    private const int Highest = 30_000;

    public static int Free()
    {
        while (true)
        {
            var port = Random.Shared.Next(Lowest, Highest);
            using var probe = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
            try
            {
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: try another.
            }
        }
    }
}
