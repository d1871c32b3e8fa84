using System.Globalization;

namespace OrleansSagas.Shop.Books;

/// <summary>What is written into the books, each method within a transaction of its caller.</summary>
internal sealed class BooksWriter(SqlSession sql, long openingBalance) : ILedger
{
    private const string Opening = "opening";
    private const string Restocking = "restock";

    public long? Balance(string unit, string account) =>
        (long?)sql.Value("SELECT amount FROM balances WHERE unit = $0 AND account = $1", unit, account);

    public long OfOrder(string orderId, string unit, string account) =>
        sql.Number(
            """
            SELECT SUM(CASE WHEN target = $2 THEN amount ELSE 0 END) - SUM(CASE WHEN source = $2 THEN amount ELSE 0 END)
            FROM ledger WHERE order_id = $0 AND unit = $1
            """,
            orderId,
            unit,
            account
        );

    public long OpenCustomer(string account)
    {
        if (Balance(Accounts.Money, account) is { } balance)
            return balance;
        _ = Book(null, Opening, false, null, new Move(Accounts.Money, Accounts.Outside, account, openingBalance));
        return openingBalance;
    }

    internal int Stock(IEnumerable<KeyValuePair<string, long>> stock)
    {
        var fresh = stock.Where(item => Balance(item.Key, Accounts.OnHand) is null).ToList();
        foreach (var (item, pieces) in fresh)
            _ = Book(null, Opening, false, null, new Move(item, Accounts.Outside, Accounts.OnHand, pieces));
        return fresh.Count;
    }

    internal long Restock(string item, int pieces)
    {
        _ = Book(null, Restocking, false, null, new Move(item, Accounts.Outside, Accounts.OnHand, pieces));
        return Balance(item, Accounts.OnHand) ?? 0;
    }

    internal int Repair(string? orderId) =>
        orderId is null
            ? sql.Execute("INSERT OR IGNORE INTO repairs (order_id) SELECT DISTINCT order_id FROM attempts")
            : sql.Execute("INSERT OR IGNORE INTO repairs (order_id) VALUES ($0)", orderId);

    internal long? CountAttempt(ShopCall call)
    {
        if (sql.Value("SELECT 1 FROM repairs WHERE order_id = $0", call.OrderId) is not null)
            return null;
        _ = sql.Execute(
            "INSERT INTO attempts (key, order_id, count) VALUES ($0, $1, 1) ON CONFLICT (key) DO UPDATE SET count = count + 1",
            call.Key,
            call.OrderId
        );
        return sql.Number("SELECT count FROM attempts WHERE key = $0", call.Key);
    }

    internal Operation Do(ShopCall call, Func<ILedger, Move> effect)
    {
        if (Find(call.Key, call.OrderId, call.Step, isUndo: false) is { } known)
            return known;
        var operation = Decided(call, effect);
        Record(call.Key, operation);
        return operation;
    }

    /// <summary>Takes back what the action moved, or as much of it as the order still has; bars an action that was never seen.</summary>
    internal bool Undo(ShopCall call)
    {
        if (Find(call.Key, call.OrderId, call.Step, isUndo: true) is not null)
            return false;

        var actionKey = call.ActionKey!;
        var action = Find(actionKey, call.OrderId, call.Step, isUndo: false);
        if (action is null)
            Record(actionKey, new Operation(call.OrderId, call.Step, false, OperationState.Barred, null, null));
        var seq = action is { State: OperationState.Done, Seq: { } done } ? TakeBack(call, done) : (long?)null;
        Record(call.Key, new Operation(call.OrderId, call.Step, true, OperationState.Done, seq, null));
        return seq is not null;
    }

    private Operation Decided(ShopCall call, Func<ILedger, Move> effect)
    {
        try
        {
            var seq = Book(call.OrderId, call.Step, false, call.Key, effect(this));
            return new Operation(call.OrderId, call.Step, false, OperationState.Done, seq, null);
        }
        catch (StepRejectedException rejection)
        {
            return new Operation(call.OrderId, call.Step, false, OperationState.Rejected, null, rejection.Message);
        }
    }

    private long TakeBack(ShopCall call, long seq)
    {
        var done = sql.Rows(
                "SELECT unit, source, target, amount FROM ledger WHERE seq = $0",
                row => new Move(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3)),
                seq
            )
            .Single();
        var left = Math.Clamp(OfOrder(call.OrderId, done.Unit, done.Target), 0, done.Amount);
        _ = sql.Execute("UPDATE operations SET state = $1 WHERE key = $0", call.ActionKey, nameof(OperationState.Undone));
        return Book(call.OrderId, call.Step, true, call.Key, new Move(done.Unit, done.Target, done.Source, left));
    }

    private long Book(string? orderId, string step, bool isUndo, string? key, Move move)
    {
        if (move.Source != Accounts.Outside)
            Add(move.Unit, move.Source, -move.Amount);
        Add(move.Unit, move.Target, move.Amount);
        _ = sql.Execute(
            "INSERT INTO ledger (order_id, step, undo, key, unit, source, target, amount) VALUES ($0, $1, $2, $3, $4, $5, $6, $7)",
            orderId,
            step,
            isUndo ? 1 : 0,
            key,
            move.Unit,
            move.Source,
            move.Target,
            move.Amount
        );
        return sql.Number("SELECT last_insert_rowid()");
    }

    private void Add(string unit, string account, long amount) =>
        sql.Execute(
            "INSERT INTO balances (unit, account, amount) VALUES ($0, $1, $2) ON CONFLICT (unit, account) DO UPDATE SET amount = "
                + "amount + excluded.amount",
            unit,
            account,
            amount
        );

    private Operation? Find(string key, string orderId, string step, bool isUndo)
    {
        var found = sql.Rows(
                "SELECT order_id, step, undo, state, seq, reason FROM operations WHERE key = $0",
                row => new Operation(
                    row.GetString(0),
                    row.GetString(1),
                    row.GetInt64(2) != 0,
                    Enum.Parse<OperationState>(row.GetString(3)),
                    row.IsDBNull(4) ? null : row.GetInt64(4),
                    row.IsDBNull(5) ? null : row.GetString(5)
                ),
                key
            )
            .SingleOrDefault();
        return found is null || (found.OrderId == orderId && found.Step == step && found.IsUndo == isUndo)
            ? found
            : throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The key '{key}' was used before for something else: {found.Step} of order {found.OrderId}."
                )
            );
    }

    private void Record(string key, Operation operation) =>
        sql.Execute(
            "INSERT INTO operations (key, order_id, step, undo, state, seq, reason) VALUES ($0, $1, $2, $3, $4, $5, $6)",
            key,
            operation.OrderId,
            operation.Step,
            operation.IsUndo ? 1 : 0,
            operation.State.ToString(),
            operation.Seq,
            operation.Reason
        );
}
