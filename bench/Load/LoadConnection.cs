using System.Diagnostics;
using System.Net.Sockets;

namespace OrleansSagas.Bench.Load;

/// <summary>One unit of concurrency: one keep-alive connection that sends its next request when the last answer is whole.</summary>
internal sealed class LoadConnection : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly SocketAsyncEventArgs _sending = new();
    private readonly SocketAsyncEventArgs _receiving = new();
    private readonly ResponseReader _response = new();
    private readonly RequestBytes _request;
    private readonly LoadTarget _target;
    private TaskCompletionSource _ended = new();
    private WorkerResult _result = new();
    private long _until;
    private long _sentAt;
    private int _unsent;

    /// <summary>Prepares the connection; <paramref name="name"/> begins its idempotency keys and must be unique.</summary>
    public LoadConnection(LoadTarget target, string name)
    {
        _target = target;
        _request = new RequestBytes(target, name);
        _sending.Completed += (_, _) => Run(Arrived.Sent);
        _receiving.Completed += (_, _) => Run(Arrived.Received);
    }

    private enum Arrived
    {
        Nothing,
        Sent,
        Received,
    }

    /// <summary>Connects.</summary>
    public Task ConnectAsync() => _socket.ConnectAsync(_target.Address.Host, _target.Address.Port);

    /// <summary>Sends requests until the <see cref="Stopwatch"/> shows <paramref name="until"/>, and waits for the last answer.</summary>
    public async Task<WorkerResult> RunUntilAsync(long until)
    {
        _until = until;
        _result = new WorkerResult();
        // The continuation must not run in place: it would run the caller on the thread that serves all sockets.
        _ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Run(Arrived.Nothing);
        await _ended.Task;
        return _result;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _socket.Dispose();
        _sending.Dispose();
        _receiving.Dispose();
        _response.Dispose();
    }

    /// <summary>Goes on for as long as the socket completes at once; a loop, so that the stack does not grow.</summary>
    private void Run(Arrived arrived)
    {
        try
        {
            while (true)
            {
                switch (arrived)
                {
                    case Arrived.Nothing:
                        if (Stopwatch.GetTimestamp() >= _until)
                        {
                            _ended.SetResult();
                            return;
                        }

                        _response.Reset();
                        var request = _request.Next();
                        _unsent = request.Length;
                        _sending.SetBuffer(request);
                        _sentAt = Stopwatch.GetTimestamp();
                        if (_socket.SendAsync(_sending))
                            return;
                        arrived = Arrived.Sent;
                        break;

                    case Arrived.Sent:
                        Check(_sending);
                        _unsent -= _sending.BytesTransferred;
                        if (_unsent > 0)
                            throw new InvalidDataException("The socket took only part of the request.");
                        if (!ReceivedAtOnce())
                            return;
                        arrived = Arrived.Received;
                        break;

                    case Arrived.Received:
                        Check(_receiving);
                        if (_receiving.BytesTransferred == 0)
                            throw new InvalidDataException("The silo closed the connection.");
                        if (_response.Take(_receiving.BytesTransferred))
                        {
                            Count();
                            arrived = Arrived.Nothing;
                            break;
                        }

                        if (!ReceivedAtOnce())
                            return;
                        break;
                }
            }
        }
        catch (Exception e) when (e is SocketException or InvalidDataException)
        {
            // A broken connection ends this unit of concurrency: the run fails, so reconnecting would only blur it.
            _result.Fail(e.Message);
            _ended.SetResult();
        }
    }

    private bool ReceivedAtOnce()
    {
        _receiving.SetBuffer(_response.Free);
        return !_socket.ReceiveAsync(_receiving);
    }

    private void Count()
    {
        var latency = Stopwatch.GetElapsedTime(_sentAt);
        if (_response.Status != 200)
            _result.Fail($"status {_response.Status}: {Excerpt()}");
        else if (_response.Body.IndexOf(_target.Expected.Span) < 0)
            _result.Fail($"an answer without {System.Text.Encoding.UTF8.GetString(_target.Expected.Span)}: {Excerpt()}");
        else
            _result.Latencies.Record((long)latency.TotalNanoseconds);
    }

    private string Excerpt() => System.Text.Encoding.UTF8.GetString(_response.Body[..Math.Min(300, _response.Body.Length)]);

    private static void Check(SocketAsyncEventArgs arrived)
    {
        if (arrived.SocketError != SocketError.Success)
            throw new SocketException((int)arrived.SocketError);
    }
}
