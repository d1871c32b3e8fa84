using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OrleansSagas.Client;

namespace OrleansSagas.Tests.Client;

public sealed class OptionsTests
{
    public static TheoryData<string, Action<SagaClientOptions>> Wrong =>
        new()
        {
            { "Address", options => options.Address = null },
            { "Address", options => options.Address = new Uri("sagas", UriKind.Relative) },
            { "Address", options => options.Address = new Uri("ftp://sagas.test") },
            { "Address", options => options.Address = new Uri("http://sagas.test/?key=1") },
            { "ApiKey", options => options.ApiKey = "" },
            { "ApiKey", options => options.ApiKey = "a\r\nb" },
            { "Json", options => options.Json = null! },
            { "PollWait", options => options.PollWait = TimeSpan.FromSeconds(61) },
            { "PollWait", options => options.PollWait = TimeSpan.Zero },
            { "AttemptTimeout", options => options.AttemptTimeout = TimeSpan.Zero },
            { "RetryFor", options => options.RetryFor = TimeSpan.FromSeconds(-1) },
            { "RetryDelay", options => options.RetryDelay = TimeSpan.Zero },
            { "RetryDelay", options => options.RetryDelay = TimeSpan.FromMinutes(1) },
            { "MaxRetryDelay", options => options.MaxRetryDelay = TimeSpan.FromDays(2) },
            { "HeartbeatTimeout", options => options.HeartbeatTimeout = TimeSpan.FromSeconds(15) },
            { "MaxResponseSize", options => options.MaxResponseSize = 0 },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task WrongSetting_IsRefusedWhenTheHostStartsAndNamed(string setting, Action<SagaClientOptions> spoil)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSagaClient(options =>
        {
            options.Address = new Uri("http://sagas.test");
            spoil(options);
        });
        using var host = builder.Build();

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains($"SagaClientOptions.{setting} ", failure.Message, StringComparison.Ordinal);
        Assert.Single(failure.Failures);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(24 * 3600, 24 * 3600)]
    public void SettingsAtTheirEdges_MakeAClient(int retryFor, int maxDelay)
    {
        var client = new Script().Client(options =>
        {
            options.AttemptTimeout = TimeSpan.FromHours(1);
            options.PollWait = TimeSpan.FromSeconds(60);
            options.RetryFor = TimeSpan.FromSeconds(retryFor);
            options.RetryDelay = options.MaxRetryDelay = TimeSpan.FromSeconds(maxDelay);
        });
        Assert.NotNull(client);
    }
}
