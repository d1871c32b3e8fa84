using System.Text;

namespace OrleansSagas.Bench.Raw;

/// <summary>What is written for each saga: one row per thing that happened.</summary>
internal static class RawRows
{
    private static readonly string[] Done = ["validate-payment", "reserve-inventory", "charge-payment"];

    /// <summary>How many rows a saga has, with the one of its start: six, or nine where it fails.</summary>
    public static int PerSaga(Variant variant) => 1 + ResultsOf(variant).Length;

    /// <summary>The rows after the start's, in order.</summary>
    public static ReadOnlyMemory<byte>[] ResultsOf(Variant variant)
    {
        string[] rows =
            variant == Variant.Ok
                ? [.. Done.Select(Succeeded), Succeeded("create-shipment"), """{"ended":"Completed"}"""]
                :
                [
                    .. Done.Select(Succeeded),
                    """{"rejected":"create-shipment","error":"No carrier takes this order."}""",
                    .. Done.Reverse().Select(step => $$"""{"undone":"{{step}}","attempt":1}"""),
                    """{"ended":"Compensated"}""",
                ];
        return [.. rows.Select(row => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(row)))];
    }

    private static string Succeeded(string step) => $$"""{"succeeded":"{{step}}","attempt":1,"result":"ok"}""";
}
