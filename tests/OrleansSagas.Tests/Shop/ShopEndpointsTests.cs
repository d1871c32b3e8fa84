using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansSagas.Shop;
using OrleansSagas.Shop.Payments;
using OrleansSagas.TestKit;

namespace OrleansSagas.Tests.Shop;

/// <summary>The shop's pages over real HTTP.</summary>
public sealed class ShopEndpointsTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.WebHost.UseUrls("http://127.0.0.1:0");
        _ = builder.Services.AddShop(options => options.Path = _folder.File("deeper/shop.db"));
        _app = builder.Build();
        _ = _app.MapShop();
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task GetBooks_WhenAllIsWell_SaysSo()
    {
        var books = await _http.GetFromJsonAsync<JsonElement>("/shop/books");

        Assert.True(books.GetProperty("conserved").GetBoolean());
        Assert.Equal(0, books.GetProperty("doubled").GetInt64());
        Assert.Equal("lamp", books.GetProperty("stock")[0].GetProperty("item").GetString());
    }

    [Fact]
    public async Task GetBooksOfOneOrder_WhenItHasOne_ListsItsEffects()
    {
        _ = await _app.Services.GetRequiredService<PaymentService>().HoldAsync("order-1", "key", ShopFixture.Order());

        var order = await _http.GetFromJsonAsync<JsonElement>("/shop/books/order-1");

        var effect = Assert.Single(order.GetProperty("effects").EnumerateArray());
        Assert.Equal(5980, effect.GetProperty("amount").GetInt64());
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(new Uri("/shop/books/order-2", UriKind.Relative))).StatusCode);
    }

    [Theory]
    [InlineData("/shop/repair", HttpStatusCode.OK)]
    [InlineData("/shop/repair?order=order-1", HttpStatusCode.OK)]
    [InlineData("/shop/restock?item=rare-vase&quantity=3", HttpStatusCode.OK)]
    [InlineData("/shop/restock?item=rare-vase&quantity=0", HttpStatusCode.BadRequest)]
    [InlineData("/shop/restock?item=money&quantity=3", HttpStatusCode.BadRequest)]
    [InlineData("/shop/restock?item=rare-vase", HttpStatusCode.BadRequest)]
    public async Task Post_WhenAnOperatorAsks_Answers(string path, HttpStatusCode expected)
    {
        var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), null);

        Assert.Equal(expected, answer.StatusCode);
        Assert.True((await _http.GetFromJsonAsync<JsonElement>("/shop/books")).GetProperty("conserved").GetBoolean());
    }
}
