using System.Collections.Concurrent;

namespace OrleansSagas.Testing;

/// <summary>Runs the turns of a host one at a time, and moves its clock when nothing else can happen and somebody waits.</summary>
internal sealed class TestScheduler(VirtualTime time, TimeSpan grace) : IAsyncDisposable
{
    private readonly SemaphoreSlim _changed = new(0);
    private readonly ConcurrentQueue<TestWait> _new = new();
    private readonly PriorityQueue<TestWait, long> _byEnd = new();
    private readonly Dictionary<SagaKey, List<TestWait>> _bySaga = [];
    private readonly List<TestWait> _general = [];
    private readonly Queue<TestWait> _held = new();
    private readonly Queue<SagaKey> _written = new();
    private volatile bool _isClosed;
    private volatile Exception? _ended;
    private volatile TestProcess? _life;
    private Task _loop = Task.CompletedTask;

    /// <summary>Whose turns are run; null while the process is down.</summary>
    public TestProcess? Life
    {
        get => _life;
        set => _life = value;
    }

    /// <summary>Makes the life after one that crashed.</summary>
    public required Func<TestProcess> NextLife { get; init; }

    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Something can happen that could not before.</summary>
    public void Changed()
    {
        if (_changed.CurrentCount == 0)
            _changed.Release();
    }

    /// <summary>A saga's commit was written; called inside a turn.</summary>
    public void Written(SagaKey saga) => _written.Enqueue(saga);

    public void Add(TestWait wait)
    {
        _new.Enqueue(wait);
        Changed();
        if (_ended is { } ended)
            wait.Fail(ended);
    }

    /// <summary>Runs no further turn. Whoever waits is told.</summary>
    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        Changed();
        try
        {
            await _loop.WaitAsync(grace > TimeSpan.FromSeconds(1) ? grace : TimeSpan.FromSeconds(1));
        }
        catch (TimeoutException)
        {
            // A step blocks its thread; what waits is told all the same.
            FailAll(Closed());
        }
    }

    private static ObjectDisposedException Closed() => new(nameof(SagaTestHost), "The host was disposed while this was waited for.");

    private async Task RunAsync()
    {
        try
        {
            while (!_isClosed)
            {
                TakeNew();
                if (RunTurn())
                    continue;
                if (Life?.StandsStillFor(grace) is { } left)
                    await _changed.WaitAsync(left);
                else if (!TellThoseWhoWaited() && !MoveTime())
                    await _changed.WaitAsync();
            }

            FailAll(Closed());
        }
        catch (Exception exception)
        {
            _isClosed = true;
            FailAll(new SagaTestException("The host itself failed; this is a defect of it.", exception));
        }
    }

    private void TakeNew()
    {
        while (_new.TryDequeue(out var wait))
        {
            wait.Look();
            if (wait.HasHeld)
            {
                _held.Enqueue(wait);
                continue;
            }

            _byEnd.Enqueue(wait, wait.Until);
            if (wait.Saga is not { } saga)
                _general.Add(wait);
            else if (_bySaga.TryGetValue(saga, out var others))
                others.Add(wait);
            else
                _bySaga.Add(saga, [wait]);
        }
    }

    private bool RunTurn()
    {
        if (Life is not { } life)
            return false;
        var ran = !life.Over.IsCompleted && life.Turns.RunOne();
        while (_written.TryDequeue(out var saga))
            if (_bySaga.TryGetValue(saga, out var waits))
                Look(waits);
        if (!life.Over.IsCompleted)
            return ran;
        Life = life.IsToBeFollowed ? NextLife() : null;
        return true;
    }

    /// <summary>Now that nothing else can happen at this time, tells those whose condition has held.</summary>
    private bool TellThoseWhoWaited()
    {
        Look(_general);
        if (_held.Count == 0)
            return false;
        while (_held.TryDequeue(out var wait))
        {
            if (wait.Saga is { } saga && _bySaga.TryGetValue(saga, out var others) && others.Remove(wait) && others.Count == 0)
                _bySaga.Remove(saga);
            wait.Succeed();
        }

        return true;
    }

    private void Look(List<TestWait> waits)
    {
        for (var i = waits.Count - 1; i >= 0; i--)
        {
            var wait = waits[i];
            wait.Look();
            if (!wait.HasHeld && !wait.IsDone)
                continue;
            waits.RemoveAt(i);
            if (wait.HasHeld)
                _held.Enqueue(wait);
        }
    }

    /// <summary>Moves the clock by one timer, or to the end of the first who waits; false when nobody does.</summary>
    private bool MoveTime()
    {
        while (_byEnd.TryPeek(out var wait, out var until))
        {
            if (wait.IsDone)
            {
                _byEnd.Dequeue();
                continue;
            }

            if (wait.InVain is { } inVain && WhyDown() is { } why)
                wait.Fail(inVain(why));
            else if (!time.MoveToNextTimer(TimeSpan.FromTicks(Math.Max(0, until - time.GetTimestamp()))))
                End(wait);
            return true;
        }

        return false;
    }

    private static void End(TestWait wait)
    {
        if (wait.InVain is { } inVain)
            wait.Fail(inVain(""));
        else
            wait.Succeed();
    }

    private string? WhyDown() =>
        Life is null ? "The host is down: it crashed or was stopped. Call RestartAsync first."
        : Life.Starting.IsFaulted ? $"The host did not start again: {Life.Starting.Exception!.InnerException!.Message}"
        : null;

    private void FailAll(Exception exception)
    {
        _ended = exception;
        while (_new.TryDequeue(out var wait))
            wait.Fail(exception);
        foreach (var (wait, _) in _byEnd.UnorderedItems)
            wait.Fail(exception);
        foreach (var wait in _held)
            wait.Fail(exception);
    }
}
