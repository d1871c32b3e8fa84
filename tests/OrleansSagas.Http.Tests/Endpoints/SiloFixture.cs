using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace OrleansSagas.Http.Tests.Endpoints;

/// <summary>The real silo in this process, on a free port of the loopback address, with its data in a directory of its own.</summary>
public sealed class SiloFixture : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("silo-").FullName;
    private readonly string[] _settings;
    private WebApplication? _app;

    public SiloFixture()
        : this([]) { }

    internal SiloFixture(params string[] settings) => _settings = settings;

    public HttpClient Client { get; private set; } = new();

    public async ValueTask InitializeAsync() => await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>
    /// As after a deployment of another shape under the same version: what is stored was started with a definition that is not the silo's.
    /// </summary>
    public async Task RestartReshapedAsync()
    {
        await StopAsync();
        using (var store = new SqliteConnection($"Data Source={Path.Combine(_directory, "sagas.db")};Pooling=false"))
        {
            await store.OpenAsync();
            using var reshape = store.CreateCommand();
            reshape.CommandText = "UPDATE saga SET fingerprint = 'another'; UPDATE plan SET fingerprint = 'another' WHERE type = 'order'";
            await reshape.ExecuteNonQueryAsync();
        }

        await StartAsync();
    }

    public async Task StopAsync()
    {
        Client.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
        _app = null;
    }

    /// <summary>Begins the shutdown and returns without waiting for it.</summary>
    public Task BeginStopAsync() => _app!.StopAsync();

    /// <summary>Starts an order, which completes at once unless <paramref name="behaviour"/> says otherwise.</summary>
    public Task<HttpResponseMessage> StartAsync(
        string query = "",
        string? key = null,
        string? prefer = null,
        string? behaviour = null,
        string customer = "ada"
    ) => PostAsync($"/sagas/order{query}", Order(behaviour, customer), key, prefer);

    public static string Order(string? behaviour = null, string customer = "ada")
    {
        var more = behaviour is null ? "" : $",\"behaviour\":{behaviour}";
        return $$"""{"customer":"{{customer}}","card":"4000 0000 0000 0001","item":"teapot","quantity":1,"total":10.00{{more}}}""";
    }

    /// <summary>An order whose last step takes a minute, so that it runs while a test looks at it.</summary>
    public const string Slow = """{"create-shipment":{"slowSeconds":60}}""";

    public async Task<HttpResponseMessage> PostAsync(
        string path,
        string? json,
        string? key = null,
        string? prefer = null,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (json is not null)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json))
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        if (prefer is not null)
            request.Headers.TryAddWithoutValidation("Prefer", prefer);
        return await Client.SendAsync(request);
    }

    public async Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public static async Task<SagaView> ViewAsync(HttpResponseMessage response) =>
        JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(), SagaJsonContext.Default.SagaView)!;

    private async Task StartAsync()
    {
        var app = Silo.Program.Build([
            "--urls",
            "http://127.0.0.1:0",
            "--Sagas:Store:Path",
            Path.Combine(_directory, "sagas.db"),
            "--Shop:Path",
            Path.Combine(_directory, "shop.db"),
            "--Sagas:Engine:StopTimeout",
            "00:00:00.1",
            "--Logging:LogLevel:Default",
            "Warning",
            "--Logging:LogLevel:Microsoft.Hosting.Lifetime",
            "Warning",
            .. _settings,
        ]);
        await app.StartAsync();
        _app = app;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Client = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(30) };
    }
}
