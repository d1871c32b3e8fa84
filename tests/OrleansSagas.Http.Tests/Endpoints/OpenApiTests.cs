using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansSagas.Silo.OpenApi;

namespace OrleansSagas.Http.Tests.Endpoints;

public sealed class OpenApiTests
{
    [Fact]
    public async Task Document_WhenItCouldNotBeMade_IsTriedAgain_AndThenKept()
    {
        var (fails, made) = (true, 0);
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSiloOpenApi();
        builder.Services.Configure<OpenApiOptions>(
            "v1",
            options =>
                options.AddDocumentTransformer(
                    (_, _, _) =>
                    {
                        made++;
                        return fails ? Task.FromException(new IOException("Not now, says the test.")) : Task.CompletedTask;
                    }
                )
        );
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseOutputCache();
        app.MapSiloOpenApi();
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromSeconds(30) };

        Assert.Equal(HttpStatusCode.InternalServerError, await AskAsync());
        fails = false;
        Assert.Equal(HttpStatusCode.OK, await AskAsync());
        Assert.Equal(HttpStatusCode.OK, await AskAsync("?x=1"));
        client.DefaultRequestHeaders.Authorization = new("Bearer", "a key");
        client.DefaultRequestHeaders.Host = "other.localhost";
        Assert.Equal(HttpStatusCode.OK, await AskAsync("?documentName=v2"));
        Assert.Equal(2, made);

        async Task<HttpStatusCode> AskAsync(string query = "")
        {
            using var answer = await client.GetAsync($"/openapi/v1.json{query}", TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }
}
