namespace OrleansSagas.Execution;

/// <summary>The messages that wait for an owner. At most one run takes them out at a time, on the injected scheduler.</summary>
internal sealed class Mailbox(SagaRuntime runtime, SagaProcess owner)
{
    private readonly Lock _gate = new();
    private List<SagaMessage> _waiting = [];
    private bool _isRunning;
    private bool _isClosed;

    /// <summary>Whether messages are being dealt with.</summary>
    public bool IsRunning
    {
        get
        {
            lock (_gate)
                return _isRunning;
        }
    }

    /// <summary>Whether it takes no more messages.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _isClosed;
        }
    }

    /// <summary>Adds a message; false when the mailbox is closed.</summary>
    /// <param name="message">The message.</param>
    /// <param name="here">Whether the run may begin on the caller's own turn of the scheduler, which saves one.</param>
    public bool Post(SagaMessage message, bool here = false)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;
            _waiting.Add(message);
            if (_isRunning)
                return true;
            _isRunning = true;
        }

        if (here)
            _ = owner.RunAsync();
        else
            runtime.Begin(static owner => _ = owner.RunAsync(), owner);
        return true;
    }

    /// <summary>Takes all that waits; null when nothing does, and then the run must end.</summary>
    public List<SagaMessage>? TakeAll()
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

    /// <summary>Puts messages back before all others.</summary>
    public void PutBack(IReadOnlyList<SagaMessage> messages)
    {
        lock (_gate)
            _waiting.InsertRange(0, messages);
    }

    /// <summary>Takes out what somebody outside waits for, and leaves the rest.</summary>
    public List<SagaMessage> TakeFromOutside()
    {
        lock (_gate)
        {
            var outside = _waiting.FindAll(message => message.IsFromOutside);
            _waiting.RemoveAll(message => message.IsFromOutside);
            return outside;
        }
    }

    /// <summary>Takes no more messages; returns those that are left.</summary>
    public List<SagaMessage> Close()
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
