using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using OrleansSagas.Silo.Access;

namespace OrleansSagas.Http.Tests.Access;

public sealed class AccessOptionsTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("http://127.0.0.1:5080", true)]
    [InlineData("http://127.8.9.1:5080", true)]
    [InlineData("http://localhost:5080", true)]
    [InlineData("https://LOCALHOST", true)]
    [InlineData("http://[::1]:5080", true)]
    [InlineData("http://unix:/tmp/silo.sock", true)]
    [InlineData("http://*:5080", false)]
    [InlineData("http://+:5080", false)]
    [InlineData("http://0.0.0.0:5080", false)]
    [InlineData("http://[::]:5080", false)]
    [InlineData("http://10.0.0.1:5080", false)]
    [InlineData("http://silo.example:5080", false)]
    [InlineData("http://localhost.example:5080", false)]
    [InlineData("http://localhost.:5080", false)]
    public void IsLoopback_TellsWhatOthersCanReach(string url, bool expected) => Assert.Equal(expected, ListenAddresses.IsLoopback(url));

    [Theory]
    [InlineData("urls", "http://127.0.0.1:1;http://*:2")]
    [InlineData("http_ports", "8080")]
    [InlineData("https_ports", "8443")]
    [InlineData("Kestrel:Endpoints:Web:Url", "http://0.0.0.0:80")]
    public void Validate_WhenOthersCanReachItWithoutKeys_RefusesAndNamesTheSetting(string setting, string value)
    {
        Assert.Contains("Access__ApiKeys__0__Key", Validate((setting, value)).FailureMessage, StringComparison.Ordinal);
        Assert.True(Validate((setting, value), ("Access:ApiKeys:0:Name", "ops"), ("Access:ApiKeys:0:Key", Secret)).Succeeded);
    }

    [Fact]
    public void Validate_WhenUrlsAreGiven_PortsDoNotCount() =>
        Assert.True(Validate(("urls", "http://localhost:1"), ("http_ports", "8080")).Succeeded);

    [Theory]
    [InlineData("ops", "0123456789abcdef0123456789abcde")]
    [InlineData("ops", "0123456789abcdef 0123456789abcdef")]
    [InlineData("", Secret)]
    [InlineData("local", Secret)]
    [InlineData("cluster", Secret)]
    public void Validate_WhenAKeyIsNone_RefusesWithoutShowingIt(string name, string key)
    {
        var refusal = Validate(("Access:ApiKeys:0:Name", name), ("Access:ApiKeys:0:Key", key)).FailureMessage;
        Assert.Contains("Access:ApiKeys:0", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain(key, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_WhenTwoShareAKey_Refuses() =>
        Assert.Contains(
            "Access:ApiKeys:0 and Access:ApiKeys:1",
            Validate(
                ("Access:ApiKeys:0:Name", "a"),
                ("Access:ApiKeys:0:Key", Secret),
                ("Access:ApiKeys:1:Name", "b"),
                ("Access:ApiKeys:1:Key", Secret)
            ).FailureMessage,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("Bearer " + Secret, "ops")]
    [InlineData("bearer  " + Secret + " ", "ops")]
    [InlineData("Bearer fedcba9876543210fedcba9876543210", "ci")]
    [InlineData("Bearer " + Secret + "x", null)]
    [InlineData("Basic " + Secret, null)]
    [InlineData("Basic b3BzOjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm", "ops")] // ops:<the key>
    [InlineData("basic Ol86ZjowMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg==", null)] // a password with a colon in it that is no key
    [InlineData("Basic b3Bz", null)]
    [InlineData("Basic !", null)]
    [InlineData("Basic ", null)]
    [InlineData("Bearer", null)]
    [InlineData("Bearer ", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Find_NamesTheCallerOfTheKey(string? header, string? name)
    {
        var ring = new KeyRing([new() { Name = "ops", Key = Secret }, new() { Name = "ci", Key = "fedcba9876543210fedcba9876543210" }]);
        Assert.Equal(name, ring.Find(header)?.Identity?.Name);
    }

    [Fact]
    public void Find_WhenTheKeyIsLong_IsNobody() =>
        Assert.Null(new KeyRing([new() { Name = "ops", Key = Secret }]).Find("Bearer " + new string('\u20ac', 20_000)));

    [Fact]
    public void Find_WhenThePasswordIsLong_IsNobody() =>
        Assert.Null(new KeyRing([new() { Name = "ops", Key = Secret }]).Find("Basic " + new string('A', 30_000)));

    private static ValidateOptionsResult Validate(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build();
        return new AccessOptionsValidator(configuration).Validate(null, configuration.GetSection("Access").Get<AccessOptions>() ?? new());
    }
}
