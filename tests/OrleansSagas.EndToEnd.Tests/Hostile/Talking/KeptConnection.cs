namespace OrleansSagas.EndToEnd.Tests.Hostile.Talking;

/// <summary>A connection that is used again as long as the silo leaves it open, and opened anew where it does not.</summary>
internal sealed class KeptConnection(HostileSilo silo) : IDisposable
{
    private RawConnection? _open;

    /// <summary>
    /// Sends requests at once and holds each answer to be decent; null, and for all that follow, when the connection was closed without
    /// one.
    /// </summary>
    public async Task<RawAnswer?[]> AskAsync(params byte[][] requests)
    {
        _open ??= await silo.ConnectAsync();
        await _open.TrySendAsync(requests.SelectMany(one => one).ToArray());
        var answers = new RawAnswer?[requests.Length];
        for (var i = 0; i < requests.Length && _open is not null; i++)
        {
            answers[i] = silo.Checked(await _open.ReadAsync(), requests[i]);
            if (answers[i] is null || answers[i]!.Headers.GetValueOrDefault("connection") == "close")
                Dispose();
        }
        return answers;
    }

    public void Dispose()
    {
        _open?.Dispose();
        _open = null;
    }
}
