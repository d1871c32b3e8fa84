namespace OrleansSagas.Http;

/// <summary>
/// How many bytes large bodies and answers may take together. The framework's limiters count in permits, of which each lease is an object.
/// </summary>
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
