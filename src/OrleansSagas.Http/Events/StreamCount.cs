namespace OrleansSagas.Http.Events;

/// <summary>Counts the streams that are open, up to a bound.</summary>
internal sealed class StreamCount(int max)
{
    private int _open;

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _open) <= max)
            return true;
        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _open);
}
