using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansSagas.EndToEnd.Tests;

/// <summary>The orders of samples/Shop/orders.</summary>
internal static class SampleOrders
{
    public static JsonElement Read(string name) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "orders", name + ".json"))).RootElement;

    /// <summary>An order in which nothing goes wrong, or what is asked for.</summary>
    public static JsonObject Order(string customer = "ada", string item = "teapot", JsonObject? behaviour = null) =>
        new()
        {
            ["customer"] = customer,
            ["card"] = "4000 0000 0000 0001",
            ["item"] = item,
            ["quantity"] = 1,
            ["total"] = 29.90m,
            ["behaviour"] = behaviour,
        };

    /// <summary>An order of which every step takes so many seconds.</summary>
    public static JsonObject Slow(double seconds)
    {
        string[] steps = ["validate-payment", "reserve-inventory", "charge-payment", "create-shipment"];
        return Order(
            behaviour: new JsonObject(
                steps.Select(step => KeyValuePair.Create(step, (JsonNode?)new JsonObject { ["slowSeconds"] = seconds }))
            )
        );
    }

    /// <summary>An order whose charge never answers, once.</summary>
    public static JsonObject Hanging() => Order(behaviour: new JsonObject { ["charge-payment"] = new JsonObject { ["hangTimes"] = 1 } });
}
