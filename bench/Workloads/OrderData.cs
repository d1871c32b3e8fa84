using System.Text;

namespace OrleansSagas.Bench.Workloads;

/// <summary>The data of every saga: a small order.</summary>
internal static class OrderData
{
    private const string Id = "o-1000042";
    private const string Order = $$"""{"orderId":"{{Id}}","customer":"c-4711","sku":"A-17","quantity":2,"amount":1999,"note":""}""";

    /// <summary>An order of <paramref name="size"/> bytes of JSON, or of its natural size where that is more.</summary>
    public static byte[] OfSize(int size) =>
        Encoding.UTF8.GetBytes(Order.Insert(Order.Length - 2, new string('x', Math.Max(0, size - Order.Length))));

    /// <summary>The small order under an id of its own.</summary>
    public static byte[] Named(string id) => Encoding.UTF8.GetBytes(Order.Replace(Id, id, StringComparison.Ordinal));
}
