namespace OrleansSagas.Bench.Workloads;

/// <summary>The measured saga: the four steps of the shop's order, without sleep and without books.</summary>
internal static class BenchSaga
{
    /// <summary>How many steps it has where nothing else is said.</summary>
    public const int Steps = 4;

    private static readonly (string Name, Func<BenchOrder, string, BenchOrder> Fold)[] Pattern =
    [
        ("validate-payment", (order, hold) => order with { HoldId = hold }),
        ("reserve-inventory", (order, reservation) => order with { ReservationId = reservation }),
        ("charge-payment", (order, charge) => order with { ChargeId = charge }),
        ("create-shipment", (order, shipment) => order with { ShipmentId = shipment }),
    ];

    /// <summary>The fourth step is rejected for good, and the other three are undone.</summary>
    public static SagaDefinition Fail { get; } = Define(Variant.Fail, Steps);

    /// <summary>
    /// The only step fails, and each saga's next attempt comes at a time of its own within a year; searchable by its order.
    /// </summary>
    public static SagaDefinition Waiting { get; } =
        Saga.Define<BenchOrder>(Workload.TypeOf(Variant.Waiting))
            .Tag("order", order => order.OrderId)
            .Step(
                Pattern[0].Name,
                step =>
                    step.Do((_, _) => Failure(), Pattern[0].Fold)
                        .Retry(new RetryPolicy { Delay = TimeSpan.FromDays(365), MaxDelay = TimeSpan.FromDays(365) })
            )
            .Build();

    /// <summary>
    /// Every step succeeds. After the fourth they begin anew, and their results take the place of those before: so the data does not grow
    /// with the steps.
    /// </summary>
    public static SagaDefinition Ok(int steps) => Define(Variant.Ok, steps);

    private static SagaDefinition Define(Variant variant, int steps)
    {
        var saga = Saga.Define<BenchOrder>(Workload.TypeOf(variant));
        for (var i = 0; i < steps; i++)
        {
            var ((name, fold), round, isLast) = (Pattern[i % Pattern.Length], i / Pattern.Length, i == steps - 1);
            var result = $"{name[0]}-{round + 1}";
            saga.Step(
                round == 0 ? name : $"{name}-{round + 1}",
                step =>
                {
                    step.Do((_, _) => variant == Variant.Fail && isLast ? Refusal() : Result(result), fold);
                    if (!isLast)
                        step.Undo((_, _) => Done());
                }
            );
        }

        return saga.Build();
    }

    private static async Task<string> Result(string result)
    {
        await Task.Yield();
        return result;
    }

    private static async Task Done() => await Task.Yield();

    private static async Task<string> Refusal()
    {
        await Task.Yield();
        throw new StepRejectedException("No carrier takes this order.");
    }

    private static async Task<string> Failure()
    {
        await Task.Yield();
        throw new InvalidOperationException("The bank does not answer.");
    }
}
