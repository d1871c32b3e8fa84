using System.Text.Json.Nodes;

namespace OrleansSagas.TestKit.Silos.Loading;

/// <summary>The orders of the load: good ones, and all that can go wrong with one.</summary>
internal static class OrderMix
{
    public static readonly string[] Steps = ["validate-payment", "reserve-inventory", "charge-payment", "create-shipment"];

    public const int Customers = 20;

    /// <summary>Of each step, and of each undo.</summary>
    public const int MaxAttempts = 8;

    private static readonly (OrderKind Kind, int Weight)[] Weights =
    [
        (OrderKind.Ok, 30),
        (OrderKind.Declined, 8),
        (OrderKind.OutOfStock, 6),
        (OrderKind.Flaky, 12),
        (OrderKind.Slow, 20),
        (OrderKind.LosesAnswer, 8),
        (OrderKind.Hangs, 2),
        (OrderKind.AnswersLate, 4),
        (OrderKind.AnswersAfterItsTimeout, 1),
        (OrderKind.UndoIsFlaky, 3),
        (OrderKind.UndoLosesAnswer, 3),
        (OrderKind.UndoFails, 1),
        (OrderKind.MakesNoSense, 3),
    ];

    /// <summary>Whether nothing but the crashes and the operators can keep an order of this kind from being completed.</summary>
    public static bool CanComplete(OrderKind kind) =>
        kind
            is not (
                OrderKind.Declined
                or OrderKind.OutOfStock
                or OrderKind.UndoIsFlaky
                or OrderKind.UndoLosesAnswer
                or OrderKind.UndoFails
                or OrderKind.MakesNoSense
            );

    public static OrderKind Kind(Random random)
    {
        var pick = random.Next(Weights.Sum(one => one.Weight));
        foreach (var (kind, weight) in Weights)
        {
            if ((pick -= weight) < 0)
                return kind;
        }
        return OrderKind.Ok;
    }

    public static JsonObject Order(OrderKind kind, Random random) =>
        new()
        {
            ["customer"] = $"customer-{random.Next(Customers)}",
            ["card"] = "4000 0000 0000 0001",
            ["item"] = kind == OrderKind.OutOfStock ? "rare-vase" : Any(["teapot", "mug", "lamp"], random),
            ["quantity"] = random.Next(1, 5),
            ["total"] = kind == OrderKind.MakesNoSense ? 0m : random.Next(100, 100_000) / 100m,
            ["behaviour"] = Behaviour(kind, random),
        };

    private static JsonObject? Behaviour(OrderKind kind, Random random) =>
        kind switch
        {
            OrderKind.Declined => Of("charge-payment", "decline", true),
            OrderKind.Flaky => Of(Any(Steps, random), "failTimes", random.Next(1, 3)),
            OrderKind.Slow => new(
                Steps.Select(step => KeyValuePair.Create(step, (JsonNode?)With("slowSeconds", random.Next(50, 500) / 1000.0)))
            ),
            OrderKind.LosesAnswer => Of(Any(Steps, random), "loseAnswerTimes", 1),
            OrderKind.Hangs => Of(Any(Steps, random), "hangTimes", 1),
            OrderKind.AnswersLate => Of(Any(Steps, random), "lateSeconds", random.Next(100, 800) / 1000.0),
            // The timeout of each step is 5 seconds: the effect is there, and the answer comes when it is no longer waited for.
            OrderKind.AnswersAfterItsTimeout => new()
            {
                [Any(Steps, random)] = new JsonObject
                {
                    ["lateSeconds"] = 5.5,
                    ["lateTimes"] = 1,
                    ["ignoreCancellation"] = true,
                },
            },
            OrderKind.UndoIsFlaky => Undone("failTimes", random),
            OrderKind.UndoLosesAnswer => Undone("loseAnswerTimes", random),
            OrderKind.UndoFails => Undone("failAlways", random),
            _ => null,
        };

    private static JsonObject Undone(string how, Random random) =>
        new()
        {
            ["create-shipment"] = With("decline", true),
            [$"undo:{Any(Steps[..3], random)}"] = With(how, how == "failAlways" ? true : 1),
        };

    private static JsonObject Of(string step, string how, JsonNode what) => new() { [step] = With(how, what) };

    private static JsonObject With(string how, JsonNode what) => new() { [how] = what };

    private static string Any(string[] all, Random random) => all[random.Next(all.Length)];
}
