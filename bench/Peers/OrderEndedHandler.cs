namespace OrleansSagas.Bench.Peers;

/// <summary>Runs after the transaction that ended the saga: a cascaded message leaves when what it was sent from is committed.</summary>
public static class OrderEndedHandler
{
    /// <summary>Tells the caller.</summary>
    public static void Handle(OrderEnded ended, WaitingCallers callers)
    {
        ArgumentNullException.ThrowIfNull(ended);
        ArgumentNullException.ThrowIfNull(callers);
        callers.Tell(ended.View);
    }
}
