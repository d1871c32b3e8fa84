namespace OrleansSagas.Bench.Workloads;

/// <summary>The measured saga: the four steps of the shop's order, without sleep and without books.</summary>
internal static class BenchSaga
{
    /// <summary>Every step succeeds.</summary>
    public static SagaDefinition Ok { get; } = Define(Variant.Ok);

    /// <summary>The fourth step is rejected for good, and the other three are undone.</summary>
    public static SagaDefinition Fail { get; } = Define(Variant.Fail);

    private static SagaDefinition Define(Variant variant) => Saga.Define<BenchOrder>(Workload.TypeOf(variant))
        .Step("validate-payment", step => step
            .Do((_, _) => Result("h-1"), (order, hold) => order with { HoldId = hold })
            .Undo((_, _) => Done()))
        .Step("reserve-inventory", step => step
            .Do((_, _) => Result("r-1"), (order, reservation) => order with { ReservationId = reservation })
            .Undo((_, _) => Done()))
        .Step("charge-payment", step => step
            .Do((_, _) => Result("c-1"), (order, charge) => order with { ChargeId = charge })
            .Undo((_, _) => Done()))
        .Step("create-shipment", step => step
            .Do((_, _) => variant == Variant.Ok ? Result("s-1") : Refusal(), (order, shipment) => order with { ShipmentId = shipment }))
        .Build();

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
}
