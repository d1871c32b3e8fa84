namespace OrleansSagas.Testing;

/// <summary>
/// Is told of the timers that its own flow of execution sets, so that it is known whether it waits for nothing but time. Called under the
/// clock's lock.
/// </summary>
internal interface ITimerOwner
{
    /// <summary>One of its timers was set.</summary>
    void TimerSet();

    /// <summary>One of its timers fired, or was taken back.</summary>
    void TimerGone();
}
