namespace OrleansSagas.Bench.Raw;

/// <summary>A bare group-committing writer: all rows that wait while the disk is busy go into the next transaction together.</summary>
internal sealed class RawWriter : IDisposable
{
    private readonly object _gate = new();
    private readonly Stack<RawBatch> _free = new();
    private readonly IRawDatabase _database;
    private readonly TimeSpan _syncDelay;
    private readonly Thread _thread;
    private RawBatch _waiting;
    private bool _idle;
    private bool _stopping;
    private long _rows;
    private long _transactions;

    /// <summary>Starts the writer's thread.</summary>
    public RawWriter(IRawDatabase database, TimeSpan syncDelay)
    {
        _database = database;
        _syncDelay = syncDelay;
        _waiting = new RawBatch(Free);
        _thread = new Thread(Write) { Name = "raw writer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Rows written so far.</summary>
    public long Rows => Volatile.Read(ref _rows);

    /// <summary>Transactions that carried them.</summary>
    public long Transactions => Volatile.Read(ref _transactions);

    /// <summary>Takes a row for the next transaction.</summary>
    public void Add(RawSaga row)
    {
        lock (_gate)
        {
            _waiting.Add(row);
            if (!_idle)
                return;
            _idle = false;
            Monitor.Pulse(_gate);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
        _database.Dispose();
    }

    private void Write()
    {
        while (Take() is { } batch)
            batch.Complete(Write(batch));
    }

    private RawBatch? Take()
    {
        lock (_gate)
        {
            while (_waiting.Rows.IsEmpty)
            {
                if (_stopping)
                    return null;
                _idle = true;
                Monitor.Wait(_gate);
            }

            _idle = false;
            var taken = _waiting;
            _waiting = _free.TryPop(out var free) ? free : new RawBatch(Free);
            return taken;
        }
    }

    private RawDatabaseException? Write(RawBatch batch)
    {
        try
        {
            _database.Insert(batch.Rows);
            if (_syncDelay > TimeSpan.Zero)
                Thread.Sleep(_syncDelay);
            _rows += batch.Rows.Length;
            _transactions++;
            return null;
        }
        catch (RawDatabaseException e)
        {
            return e;
        }
    }

    private void Free(RawBatch batch)
    {
        lock (_gate)
            _free.Push(batch);
    }
}
