using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.OpenApi;
using OrleansSagas.Silo.OpenApi;

namespace OrleansSagas.Http.Tests.Endpoints;

public sealed class OpenApiTests
{
    [Fact]
    public async Task Document_WhenItCouldNotBeMade_IsTriedAgain_AndThenKept()
    {
        var documents = new Documents { Fails = true };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddKeyedSingleton<IOpenApiDocumentProvider>("v1", documents);
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapSiloOpenApi();
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromSeconds(30) };

        Assert.Equal(HttpStatusCode.InternalServerError, await AskAsync());
        documents.Fails = false;
        Assert.Equal(HttpStatusCode.OK, await AskAsync());
        Assert.Equal(HttpStatusCode.OK, await AskAsync());
        Assert.Equal(2, documents.Made);

        async Task<HttpStatusCode> AskAsync()
        {
            using var answer = await client.GetAsync("/openapi/v1.json", TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }

    private sealed class Documents : IOpenApiDocumentProvider
    {
        public bool Fails { get; set; }

        public int Made { get; private set; }

        public Task<OpenApiDocument> GetOpenApiDocumentAsync(CancellationToken cancellationToken)
        {
            Made++;
            return Fails
                ? Task.FromException<OpenApiDocument>(new IOException("Not now, says the test."))
                : Task.FromResult(
                    new OpenApiDocument
                    {
                        Info = new OpenApiInfo { Title = "A test", Version = "v1" },
                    }
                );
        }
    }
}
