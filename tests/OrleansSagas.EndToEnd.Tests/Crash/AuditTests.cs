using System.Text.Json.Nodes;
using OrleansSagas.TestKit.Silos.Auditing;
using OrleansSagas.TestKit.Silos.Loading;

namespace OrleansSagas.EndToEnd.Tests.Crash;

/// <summary>The audit finds nothing wrong with honest books, and the fault in each doctored one.</summary>
public sealed class AuditTests
{
    private static readonly SagaId Id = new("order-1");
    private static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Deed Skipping = new(
        Id,
        OperatorAction.Skip,
        "verb-1",
        new OperatorRequest { Actor = Operators.Name },
        IsDone: true
    );

    [Fact]
    public void Problems_OfHonestRecords_AreNone()
    {
        Assert.Empty(SagaAudit.Problems(Completed()));
        Assert.Empty(SagaAudit.Problems(Compensated()));
        Assert.Empty(SagaAudit.Problems(Skipped()));
        Assert.Empty(TotalAudit.ListProblems([Completed().Listed], [Completed().Promise]));
        Assert.Empty(TotalAudit.BooksProblems(new BooksSummary(true, [], 0, 0, 0, 2, 1, 1), [Completed(), Compensated()]));
    }

    [Fact]
    public void Problems_OfACompletedOrderWithDoctoredBooks_AreFound()
    {
        var honest = Completed();
        Finds("was booked 2 times", honest with { Books = Books([.. honest.Effects, honest.Effects[2] with { Seq = 9 }]) });
        Finds("of its effects", honest with { Books = Books([.. honest.Effects.Take(3)]) });
        Finds("of its effects", honest with { Books = null });
        Finds("of its effects", honest with { Books = Books([.. honest.Effects, Undo(9, OrderMix.Steps[3])]) });
        Finds("other receipts", honest with { Books = Books([.. honest.Effects.Select(effect => effect with { Seq = effect.Seq + 1 })]) });
        Finds("was to fail, and is completed", honest with { Promise = Promised(OrderKind.Declined) });
    }

    [Fact]
    public void Problems_OfAnUndoneOrderWithDoctoredBooks_AreFound()
    {
        var honest = Compensated();
        Finds("was done, and not undone", honest with { Books = Books([.. honest.Effects.SkipLast(1)]) });
        Finds("was undone, and never done", honest with { Books = Books([.. honest.Effects.Skip(1)]) });
        Finds("not in reverse", honest with { Books = Books([.. honest.Effects.Take(2), .. honest.Effects.Skip(2).Reverse()]) });
        Finds("was booked 2 times", honest with { Books = Books([.. honest.Effects, honest.Effects[^1]]) });
        Finds("before its attempts were used up", honest with { Promise = Promised(OrderKind.Ok) });
        Finds("was done, and not undone", Skipped() with { Books = Books([.. Skipped().Effects.Take(2)]) });
    }

    [Fact]
    public void Problems_OfADoctoredHistory_AreFound()
    {
        var honest = Completed();
        Finds("gaps", honest with { History = [.. honest.History.Where(entry => entry.Revision != 3)] });
        Finds(
            "has 2 results",
            honest with
            {
                History = Numbered([.. honest.History.SkipLast(1), honest.History[1], honest.History[^1]]),
                View = honest.View with { Revision = 7 },
            }
        );
        Finds(
            "go back",
            honest with
            {
                History =
                [
                    .. honest.History,
                    Entry("attempt-failed", OrderMix.Steps[0], attempt: 2),
                    Entry("attempt-failed", OrderMix.Steps[0]),
                ],
            }
        );
        Finds("does not end with", honest with { History = [.. honest.History.SkipLast(1)] });
        Finds("has not ended", honest with { View = honest.View with { Status = SagaStatus.Running, EndedAt = null } });
        Finds("is listed as", honest with { Listed = honest.Listed with { Status = SagaStatus.Running } });
        Finds("nobody asked for that", honest with { View = honest.View with { Status = SagaStatus.Cancelled } });
        Finds("is in its history 0 times", honest with { Deeds = [Skipping] });
        Finds("is in its history 1 times", Skipped() with { Deeds = [Skipping with { IsDone = false }] });
        Finds("which no operator sent", Skipped() with { Deeds = [] });
    }

    [Fact]
    public void Problems_OfAllTogether_AreFound()
    {
        var (order, promise) = (Completed().Listed, Completed().Promise);
        Finds("is not listed", TotalAudit.ListProblems([], [promise]));
        Finds("is listed 2 times", TotalAudit.ListProblems([order, order], [promise]));
        Finds("started 2 sagas", TotalAudit.ListProblems([order, order with { Id = new SagaId("order-2") }], [promise]));
        Finds(
            "which nobody sent",
            TotalAudit.ListProblems([order, order with { Id = new SagaId("order-2"), CorrelationId = "other" }], [promise])
        );
        Finds("listed as of request", TotalAudit.ListProblems([order with { CorrelationId = "other" }], [promise]));

        SagaRecord[] both = [Completed(), Compensated()];
        Finds(
            "were to be conserved",
            TotalAudit.BooksProblems(new BooksSummary(false, ["The ledger has what the balances do not have."], 0, 0, 0, 2, 1, 1), both)
        );
        Finds("were to be conserved", TotalAudit.BooksProblems(new BooksSummary(true, [], 0, 1, 0, 2, 1, 1), both));
        Finds("were to be conserved", TotalAudit.BooksProblems(new BooksSummary(true, [], 1, 0, 0, 2, 1, 0), both));
        Finds("complete orders", TotalAudit.BooksProblems(new BooksSummary(true, [], 0, 0, 0, 2, 2, 0), both));
        Finds("effects of 3 orders", TotalAudit.BooksProblems(new BooksSummary(true, [], 0, 0, 0, 3, 1, 1), both));
    }

    [Fact]
    public void Promise_WhenARepeatNamesAnotherSagaOrAnotherEnd_SaysSo()
    {
        var promise = Promised(OrderKind.Ok);
        Assert.Contains("a repeat of it as saga order-2", promise.Acknowledge(new SagaId("order-2")), StringComparison.Ordinal);
        Assert.Null(promise.See(Completed().View));
        Assert.Contains(
            "now has ended as Compensated",
            promise.See(Completed().View with { Status = SagaStatus.Compensated }),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "is Running",
            promise.See(Completed().View with { Status = SagaStatus.Running, EndedAt = null }),
            StringComparison.Ordinal
        );
    }

    private static void Finds(string what, SagaRecord doctored) => Finds(what, SagaAudit.Problems(doctored));

    private static void Finds(string what, IEnumerable<string> problems) =>
        Assert.Contains(problems, problem => problem.Contains(what, StringComparison.Ordinal));

    private static SagaRecord Completed()
    {
        var data = OrderMix
            .Steps.Zip((string[])["holdId", "reservationId", "chargeId", "shipmentId"])
            .Select((pair, index) => KeyValuePair.Create(pair.Second, (JsonNode?)$"{pair.First}-{index + 1}"));
        return Record(
            OrderKind.Ok,
            SagaStatus.Completed,
            new JsonObject(data),
            [Entry("started"), .. OrderMix.Steps.Select(step => Entry("step-succeeded", step)), Entry("ended", status: "completed")],
            [.. OrderMix.Steps.Select((step, index) => Do(index + 1, step))]
        );
    }

    private static SagaRecord Compensated() =>
        Record(
            OrderKind.Declined,
            SagaStatus.Compensated,
            [],
            [
                Entry("started"),
                Entry("step-succeeded", OrderMix.Steps[0]),
                Entry("step-succeeded", OrderMix.Steps[1]),
                Entry("step-given-up", OrderMix.Steps[2]),
                Entry("turned-back"),
                Entry("undo-succeeded", OrderMix.Steps[1]),
                Entry("undo-succeeded", OrderMix.Steps[0]),
                Entry("ended", status: "compensated"),
            ],
            [Do(1, OrderMix.Steps[0]), Do(2, OrderMix.Steps[1]), Undo(3, OrderMix.Steps[1]), Undo(4, OrderMix.Steps[0])]
        );

    /// <summary>An operator let the reservation stand.</summary>
    private static SagaRecord Skipped() =>
        Record(
            OrderKind.UndoFails,
            SagaStatus.Compensated,
            [],
            [
                Entry("started"),
                Entry("step-succeeded", OrderMix.Steps[0]),
                Entry("step-succeeded", OrderMix.Steps[1]),
                Entry("step-given-up", OrderMix.Steps[2]),
                Entry("turned-back"),
                Entry("undo-given-up", OrderMix.Steps[1]),
                Entry("undo-skipped", OrderMix.Steps[1], deed: Skipping),
                Entry("undo-succeeded", OrderMix.Steps[0]),
                Entry("ended", status: "compensated"),
            ],
            [Do(1, OrderMix.Steps[0]), Do(2, OrderMix.Steps[1]), Undo(3, OrderMix.Steps[0])]
        ) with
        {
            Deeds = [Skipping],
        };

    private static SagaRecord Record(
        OrderKind kind,
        SagaStatus status,
        JsonObject data,
        SagaHistoryEntry[] history,
        OrderEffect[] effects
    ) =>
        new(
            Promised(kind),
            new SagaSummary
            {
                Id = Id,
                Type = "order",
                Version = 1,
                Status = status,
                CorrelationId = "request-1",
                StartedAt = At,
                EndedAt = At,
            },
            new SagaView
            {
                Id = Id,
                Type = "order",
                Version = 1,
                Status = status,
                Data = SagaData.From(data),
                Revision = history.Length,
                StartedAt = At,
                UpdatedAt = At,
                EndedAt = At,
            },
            Numbered(history),
            Books(effects),
            []
        );

    private static Promise Promised(OrderKind kind)
    {
        var promise = new Promise("request-1", kind, []);
        Assert.Null(promise.Acknowledge(Id));
        return promise;
    }

    private static OrderBooks Books(OrderEffect[] effects) => new(false, false, effects);

    private static OrderEffect Do(long seq, string step) => new(seq, step, false, $"default/{Id}/{step}/1/do");

    private static OrderEffect Undo(long seq, string step) => new(seq, step, true, $"default/{Id}/{step}/1/undo");

    private static SagaHistoryEntry[] Numbered(SagaHistoryEntry[] history) =>
        [.. history.Select((entry, index) => entry with { Revision = index + 1 })];

    private static SagaHistoryEntry Entry(string name, string? step = null, string? status = null, Deed? deed = null, int attempt = 1)
    {
        var body = new JsonObject();
        if (step is not null)
            (body["step"], body["attempt"]) = (step, attempt);
        if (status is not null)
            body["status"] = status;
        return new()
        {
            Revision = 1,
            Event = name,
            At = At,
            Body = SagaData.From(body),
            Actor = deed is null ? null : Operators.Name,
            CausationId = deed?.RequestId,
        };
    }
}
