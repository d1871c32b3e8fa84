using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OrleansSagas.EndToEnd.Tests.Hostile.Talking;

/// <summary>A connection that sends whatever it is told to.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TcpClient _tcp = new() { NoDelay = true };
    private byte[] _received = [];
    private NetworkStream? _stream;

    private RawConnection() { }

    public static async Task<RawConnection> OpenAsync(Uri address, int? receiveBuffer = null)
    {
        var connection = new RawConnection();
        if (receiveBuffer is { } bytes)
            connection._tcp.ReceiveBufferSize = bytes;
        await connection._tcp.ConnectAsync(address.Host, address.Port);
        connection._stream = connection._tcp.GetStream();
        return connection;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var patience = new CancellationTokenSource(Patience);
        await _stream!.WriteAsync(bytes, patience.Token);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends; false if the other side has closed the connection.</summary>
    public async Task<bool> TrySendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await SendAsync(bytes);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>
    /// Sends as much as the other side takes, and answers how many bytes that were: it takes nothing more when it took nothing for
    /// <paramref name="calm"/>.
    /// </summary>
    public async Task<long> SendUntilFullAsync(byte[] bytes, long most, TimeSpan calm)
    {
        var sent = 0L;
        try
        {
            while (sent < most)
            {
                using var patience = new CancellationTokenSource(calm);
                sent += await _tcp.Client.SendAsync(bytes.AsMemory((int)(sent % bytes.Length)), patience.Token);
            }
        }
        catch (Exception full) when (full is OperationCanceledException or SocketException)
        {
            // Nothing more was taken.
        }
        return sent;
    }

    /// <summary>Says that nothing more will be sent.</summary>
    public void EndSending() => _tcp.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Says that nothing more will be sent, unless the other side has closed the connection already.</summary>
    public void TryEndSending()
    {
        try
        {
            EndSending();
        }
        catch (SocketException closed) when (closed.SocketErrorCode is SocketError.NotConnected or SocketError.ConnectionReset)
        {
            // There is nobody to say it to.
        }
    }

    /// <summary>Closes with a reset, as a caller whose machine went away.</summary>
    public void Vanish()
    {
        _tcp.LingerState = new LingerOption(true, 0);
        _tcp.Dispose();
    }

    /// <summary>The next answer; null when the connection was closed without one.</summary>
    public async Task<RawAnswer?> ReadAsync(bool isHead = false)
    {
        while (true)
        {
            if (RawAnswer.Parse(_received, isHead, isOver: false) is { } answer)
            {
                _received = _received[answer.Length..];
                return answer;
            }
            if (await MoreAsync())
                continue;
            var last = RawAnswer.Parse(_received, isHead, isOver: true);
            _received = [];
            return last;
        }
    }

    /// <summary>The status of the next answer, of which the rest may never end; null when the connection was closed without one.</summary>
    public async Task<int?> ReadStatusAsync()
    {
        while (_received.Length < "HTTP/1.1 200".Length)
        {
            if (!await MoreAsync())
                return null;
        }
        return int.Parse(_received.AsSpan("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture);
    }

    /// <summary>Reads, and drops, everything up to <paramref name="mark"/>.</summary>
    public async Task SkipToAsync(string mark)
    {
        var bytes = Encoding.ASCII.GetBytes(mark);
        int at;
        while ((at = _received.AsSpan().IndexOf(bytes)) < 0)
        {
            _received = _received[Math.Max(0, _received.Length - bytes.Length)..];
            Assert.True(await MoreAsync(), $"Waited for '{mark}'; the connection was closed.");
        }
        _received = _received[(at + bytes.Length)..];
    }

    /// <summary>Waits until the other side closes, and answers how long that took; what comes meanwhile is kept.</summary>
    public async Task<TimeSpan> ClosedAsync()
    {
        var clock = Stopwatch.StartNew();
        while (await MoreAsync()) { }
        return clock.Elapsed;
    }

    public void Dispose() => _tcp.Dispose();

    private async Task<bool> MoreAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[16 * 1024];
        try
        {
            var count = await _stream!.ReadAsync(buffer, patience.Token);
            _received = [.. _received, .. buffer.AsSpan(0, count)];
            return count > 0;
        }
        catch (IOException)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(
                $"Waited {Patience} for an answer or for the connection to be closed; received so far: "
                    + $"{Encoding.Latin1.GetString(_received)}"
            );
        }
    }
}
