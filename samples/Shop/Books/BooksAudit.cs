namespace OrleansSagas.Shop.Books;

/// <summary>Adds the books up, from the ledger and from the balances apart, and holds one against the other.</summary>
internal static class BooksAudit
{
    /// <summary>Per unit and account, what the ledger says: in, less out.</summary>
    private const string FromLedger = """
        SELECT unit, account, SUM(amount) AS amount FROM (
            SELECT unit, target AS account, amount FROM ledger
            UNION ALL SELECT unit, source, -amount FROM ledger WHERE source <> 'outside')
        GROUP BY unit, account
        """;

    /// <summary>The last effect of each step of each order.</summary>
    private const string LastEffects = """
        SELECT order_id, SUM(undo = 0) AS done FROM (
            SELECT order_id, step, undo, MAX(seq) FROM ledger WHERE order_id IS NOT NULL GROUP BY order_id, step)
        GROUP BY order_id
        """;

    internal static BooksSummary Summarise(SqlSession sql)
    {
        var money = Money(sql);
        var stock = Stock(sql);
        var doubled = Doubled(sql);
        var problems = Problems(sql, money, stock, doubled).ToList();
        var orders = sql.Rows(
                $"SELECT COUNT(*), COALESCE(SUM(done = 4), 0), COALESCE(SUM(done = 0), 0) FROM ({LastEffects})",
                row => (All: row.GetInt64(0), Complete: row.GetInt64(1), Undone: row.GetInt64(2))
            )
            .Single();
        return new BooksSummary
        {
            Conserved = problems.Count == 0,
            Problems = problems,
            Money = money,
            Stock = stock,
            Shipments = new ShipmentSums(Effects(sql, OrderSteps.CreateShipment, 0), Effects(sql, OrderSteps.CreateShipment, 1)),
            HoldsOpen = sql.Number($"SELECT COUNT(*) FROM ({PerOrder}) WHERE account = 'held' AND amount > 0"),
            Orders = orders.All,
            Complete = orders.Complete,
            Undone = orders.Undone,
            Open = orders.All - orders.Complete - orders.Undone,
            Operations = sql.Number("SELECT COUNT(*) FROM operations"),
            Doubled = doubled,
        };
    }

    internal static OrderBooks? Find(SqlSession sql, string orderId)
    {
        var effects = sql.Rows(
            "SELECT seq, step, undo, key, unit, source, target, amount FROM ledger WHERE order_id = $0 ORDER BY seq",
            row => new OrderEffect(
                row.GetInt64(0),
                row.GetString(1),
                row.GetInt64(2) != 0,
                row.IsDBNull(3) ? null : row.GetString(3),
                row.GetString(4),
                row.GetString(5),
                row.GetString(6),
                row.GetInt64(7)
            ),
            orderId
        );
        var operations = sql.Rows(
            "SELECT key, step, undo, state, reason FROM operations WHERE order_id = $0 ORDER BY key",
            row => new OrderOperation(
                row.GetString(0),
                row.GetString(1),
                row.GetInt64(2) != 0,
                row.GetString(3),
                row.IsDBNull(4) ? null : row.GetString(4)
            ),
            orderId
        );
        if (effects.Count + operations.Count == 0)
            return null;
        var done = effects.GroupBy(effect => effect.Step).Count(step => !step.Last().Undo);
        return new OrderBooks(orderId, done == OrderSteps.All.Length, done == 0, effects, operations);
    }

    private const string PerOrder = """
        SELECT order_id, unit, account, SUM(amount) AS amount FROM (
            SELECT order_id, unit, target AS account, amount FROM ledger WHERE order_id IS NOT NULL
            UNION ALL SELECT order_id, unit, source, -amount FROM ledger WHERE order_id IS NOT NULL)
        GROUP BY order_id, unit, account
        """;

    /// <summary>An effect must follow its opposite: a second do without an undo between, or an undo of nothing, is one too many.</summary>
    private static long Doubled(SqlSession sql) =>
        sql.Number(
            """
            SELECT COUNT(*) FROM (
                SELECT undo, COALESCE(LAG(undo) OVER (PARTITION BY order_id, step ORDER BY seq), 1) AS before
                FROM ledger WHERE order_id IS NOT NULL)
            WHERE undo = before
            """
        );

    private static long Effects(SqlSession sql, string step, int undo) =>
        sql.Number("SELECT COUNT(*) FROM ledger WHERE order_id IS NOT NULL AND step = $0 AND undo = $1", step, undo);

    private static MoneySums Money(SqlSession sql)
    {
        var opened = sql.Number("SELECT SUM(amount) FROM ledger WHERE unit = 'money' AND source = 'outside'");
        return sql.Rows(
                """
                SELECT COALESCE(SUM(CASE WHEN account LIKE 'customer:%' THEN amount END), 0),
                    COALESCE(SUM(CASE WHEN account = 'held' THEN amount END), 0),
                    COALESCE(SUM(CASE WHEN account = 'revenue' THEN amount END), 0), COALESCE(SUM(amount), 0)
                FROM balances WHERE unit = 'money'
                """,
                row => new MoneySums(
                    opened / 100m,
                    row.GetInt64(0) / 100m,
                    row.GetInt64(1) / 100m,
                    row.GetInt64(2) / 100m,
                    row.GetInt64(3) / 100m
                )
            )
            .Single();
    }

    private static List<StockSums> Stock(SqlSession sql) =>
        sql.Rows(
            """
            SELECT unit, COALESCE((SELECT SUM(amount) FROM ledger WHERE ledger.unit = balances.unit AND source = 'outside'
              AND order_id IS NULL), 0),
                SUM(CASE WHEN account = 'on-hand' THEN amount ELSE 0 END), SUM(CASE WHEN account = 'reserved' THEN amount ELSE 0 END),
                SUM(CASE WHEN account = 'shipped' THEN amount ELSE 0 END), SUM(amount)
            FROM balances WHERE unit <> 'money' GROUP BY unit ORDER BY unit
            """,
            row => new StockSums(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5))
        );

    private static IEnumerable<string> Problems(SqlSession sql, MoneySums money, List<StockSums> stock, long doubled)
    {
        if (money.Total != money.Opened || money.Customers + money.Held + money.Revenue != money.Total)
            yield return $"The customers brought in {money.Opened}, and there is {money.Total}.";
        foreach (var item in stock.Where(item => item.Total != item.Seeded || item.OnHand + item.Reserved + item.Shipped != item.Total))
            yield return $"The shop bought {item.Seeded} of {item.Item}, and there are {item.Total}.";
        foreach (var line in sql.Rows("SELECT unit, account, amount FROM balances WHERE amount < 0", Line))
            yield return $"An account is below zero: {line}.";
        foreach (var line in sql.Rows($"{FromLedger} EXCEPT SELECT unit, account, amount FROM balances", Line))
            yield return $"The ledger has what the balances do not have: {line}.";
        foreach (var line in sql.Rows($"SELECT unit, account, amount FROM balances EXCEPT SELECT * FROM ({FromLedger})", Line))
            yield return $"The balances have what the ledger does not have: {line}.";
        foreach (
            var order in sql.Rows(
                $"SELECT DISTINCT order_id FROM ({PerOrder}) WHERE amount < 0 AND account IN ('held', 'revenue', 'reserved', 'shipped') "
                    + "LIMIT 10",
                row => row.GetString(0)
            )
        )
            yield return $"Order {order} took out of an account more than it brought in.";
        if (sql.Number("SELECT COUNT(*) FROM ledger WHERE amount < 0") is > 0 and var negative)
            yield return $"{negative} rows of the ledger move less than nothing.";
        if (doubled > 0)
            yield return $"{doubled} effects were applied twice, or undone without having been done.";
    }

    private static string Line(Microsoft.Data.Sqlite.SqliteDataReader row) => $"{row.GetString(0)}/{row.GetString(1)}: {row.GetInt64(2)}";
}
