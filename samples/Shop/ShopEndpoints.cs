using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using OrleansSagas.Shop.Books;

namespace OrleansSagas.Shop;

/// <summary>The shop's own pages, beside the sagas'.</summary>
public static class ShopEndpoints
{
    private const int MostPieces = 1_000_000;

    /// <summary>
    /// Maps <c>GET /shop/books</c>, <c>GET /shop/books/{orderId}</c>, <c>POST /shop/repair[?order=]</c> and
    /// <c>POST /shop/restock?item=&amp;quantity=</c>.
    /// </summary>
    public static IEndpointRouteBuilder MapShop(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var shop = routes.MapGroup("/shop").WithTags("Shop");
        _ = shop.MapGet("/books", SummariseAsync).WithSummary("The sums of the shop's books, and whether stock and money are conserved.");
        _ = shop.MapGet("/books/{orderId}", FindAsync).WithSummary("What the shop's books have of one order.");
        _ = shop.MapPost("/repair", RepairAsync)
            .WithSummary("Ends what the behaviour of one order, or of all that went wrong so far, does wrong.");
        _ = shop.MapPost("/restock", RestockAsync).WithSummary("Buys more pieces of an item.");
        return routes;
    }

    private static async Task<Ok<BooksSummary>> SummariseAsync(ShopBooks books, CancellationToken cancellation) =>
        TypedResults.Ok(await books.SummariseAsync(cancellation));

    private static async Task<Results<Ok<OrderBooks>, ProblemHttpResult>> FindAsync(
        string orderId,
        ShopBooks books,
        CancellationToken cancellation
    ) =>
        await books.FindOrderAsync(orderId, cancellation) is { } found
            ? TypedResults.Ok(found)
            : TypedResults.Problem(
                "The books have nothing of this order.",
                statusCode: 404,
                title: "No such order",
                type: "urn:orleanssagas:shop:no-such-order"
            );

    private static async Task<Ok<RepairAnswer>> RepairAsync(string? order, ShopBooks books, CancellationToken cancellation) =>
        TypedResults.Ok(new RepairAnswer(await books.RepairAsync(order, cancellation)));

    private static async Task<Results<Ok<RestockAnswer>, ProblemHttpResult>> RestockAsync(
        string? item,
        int? quantity,
        ShopBooks books,
        CancellationToken cancellation
    ) =>
        Accounts.IsItem(item) && quantity is > 0 and <= MostPieces
            ? TypedResults.Ok(new RestockAnswer(item, await books.RestockAsync(item, quantity.Value, cancellation)))
            : TypedResults.Problem(
                $"Name an item, and a quantity of 1 to {MostPieces}.",
                statusCode: 400,
                title: "Nothing to restock",
                type: SagaProblems.InvalidRequest
            );

    private sealed record RepairAnswer(int Repaired);

    private sealed record RestockAnswer(string Item, long OnHand);
}
