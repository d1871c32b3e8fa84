namespace OrleansSagas.Http;

/// <summary>Something of which there is only so much.</summary>
internal sealed class ByteBudget(long most)
{
    private long _left = most;

    public bool TryTake(long amount)
    {
        if (Interlocked.Add(ref _left, -amount) >= 0)
            return true;
        Return(amount);
        return false;
    }

    public void Return(long amount) => Interlocked.Add(ref _left, amount);
}
