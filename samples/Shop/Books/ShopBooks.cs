namespace OrleansSagas.Shop.Books;

/// <summary>
/// The shop's books in one SQLite file: every effect is one transaction that moves something from one account to another
/// and records its key. Safe for concurrent callers, and for several processes over one file.
/// </summary>
public sealed class ShopBooks : IDisposable
{
    private readonly string _path;
    private readonly SqlSession _sql;
    private readonly BooksWriter _writer;
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Opens the books, creating and stocking them where they are new.</summary>
    /// <exception cref="ArgumentException">An option makes no sense; the message says which and what to do.</exception>
    public ShopBooks(ShopOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problem() is { } problem)
            throw new ArgumentException(problem, nameof(options));
        _path = options.Path;
        _sql = BooksSchema.Open(options.Path);
        _writer = new BooksWriter(_sql, (long)(options.OpeningBalance * 100m));
        _ = InTransaction(() => _writer.Stock(options.Stock));
    }

    /// <summary>Audits the books: adds them all up, and says whether stock and money are conserved.</summary>
    public Task<BooksSummary> SummariseAsync(CancellationToken cancellation = default) => ReadAsync(BooksAudit.Summarise, cancellation);

    /// <summary>What the books have of one order; null where they have nothing.</summary>
    public Task<OrderBooks?> FindOrderAsync(string orderId, CancellationToken cancellation = default) =>
        ReadAsync(sql => BooksAudit.Find(sql, orderId), cancellation);

    /// <summary>Buys <paramref name="quantity"/> more pieces of an item, and answers how many are on hand.</summary>
    public Task<long> RestockAsync(string item, int quantity, CancellationToken cancellation = default)
    {
        if (!Accounts.IsItem(item))
            throw new ArgumentException("Name the item.", nameof(item));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(quantity);
        return WriteAsync(() => _writer.Restock(item, quantity), cancellation);
    }

    /// <summary>
    /// Ends what the behaviour of an order does wrong, or of every order that has gone wrong so far; answers how many orders.
    /// </summary>
    public Task<int> RepairAsync(string? orderId = null, CancellationToken cancellation = default) =>
        WriteAsync(() => _writer.Repair(orderId), cancellation);

    /// <inheritdoc />
    public void Dispose()
    {
        _gate.Wait();
        _sql.Dispose();
        _gate.Dispose();
    }

    /// <summary>Counts an attempt with the call's key; null where the order was repaired.</summary>
    internal Task<long?> CountAttemptAsync(ShopCall call, CancellationToken cancellation) =>
        WriteAsync(() => _writer.CountAttempt(call), cancellation);

    internal async Task<Receipt> DoAsync(ShopCall call, Func<ILedger, Move> effect, CancellationToken cancellation)
    {
        var operation = await WriteAsync(() => _writer.Do(call, effect), cancellation).ConfigureAwait(false);
        return operation.State switch
        {
            OperationState.Done => new Receipt($"{call.Step}-{operation.Seq}"),
            OperationState.Rejected => throw new StepRejectedException(operation.Reason ?? "Refused."),
            OperationState.Barred => throw new StepRejectedException(
                $"{call.Step} of order {call.OrderId} came after its undo, and was not done."
            ),
            OperationState.Undone => throw new StepRejectedException(
                $"{call.Step} of order {call.OrderId} was done and undone, and is not done again."
            ),
            _ => throw new InvalidOperationException($"The books have an unknown state {operation.State}."),
        };
    }

    internal Task UndoAsync(ShopCall call, CancellationToken cancellation) => WriteAsync(() => _writer.Undo(call), cancellation);

    private async Task<T> WriteAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return InTransaction(work);
        }
        finally
        {
            _ = _gate.Release();
        }
    }

    private T InTransaction<T>(Func<T> work)
    {
        _ = _sql.Execute("BEGIN IMMEDIATE");
        try
        {
            var result = work();
            _ = _sql.Execute("COMMIT");
            return result;
        }
        catch
        {
            if (_sql.InTransaction)
                _ = _sql.Execute("ROLLBACK");
            throw;
        }
    }

    private Task<T> ReadAsync<T>(Func<SqlSession, T> read, CancellationToken cancellation) =>
        Task.Run(
            () =>
            {
                using var sql = new SqlSession(_path, readOnly: true);
                _ = sql.Execute("BEGIN");
                return read(sql);
            },
            cancellation
        );
}
