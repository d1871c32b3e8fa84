namespace OrleansSagas.Owning;

/// <summary>The letters that wait for an owner. At most one run takes them out at a time, on the injected scheduler.</summary>
internal sealed class Mailbox(SagaRuntime runtime, Func<Task> run)
{
    private readonly Lock _gate = new();
    private List<Letter> _waiting = [];
    private bool _isRunning;
    private bool _isClosed;

    /// <summary>Whether letters are being dealt with.</summary>
    public bool IsRunning
    {
        get
        {
            lock (_gate)
                return _isRunning;
        }
    }

    /// <summary>Adds a letter; false when the mailbox is closed.</summary>
    public bool Post(Letter letter)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;
            _waiting.Add(letter);
            if (_isRunning)
                return true;
            _isRunning = true;
        }

        _ = runtime.Start(run);
        return true;
    }

    /// <summary>Takes all that waits; null when nothing does, and then the run must end.</summary>
    public List<Letter>? TakeAll()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 || _isClosed)
            {
                _isRunning = false;
                return null;
            }

            var taken = _waiting;
            _waiting = [];
            return taken;
        }
    }

    /// <summary>Puts letters back before all others.</summary>
    public void PutBack(IReadOnlyList<Letter> letters)
    {
        lock (_gate)
            _waiting.InsertRange(0, letters);
    }

    /// <summary>Takes out what somebody outside waits for, and leaves the rest.</summary>
    public List<Letter> TakeFromOutside()
    {
        lock (_gate)
        {
            var outside = _waiting.FindAll(letter => letter.IsFromOutside);
            _waiting.RemoveAll(letter => letter.IsFromOutside);
            return outside;
        }
    }

    /// <summary>Takes no more letters; returns those that are left.</summary>
    public List<Letter> Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            var left = _waiting;
            _waiting = [];
            return left;
        }
    }
}
