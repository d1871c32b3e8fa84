using System.Net;
using System.Text;

namespace OrleansSagas.Http.Tests.Endpoints;

public sealed class StartTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private static string NewId() => $"t-{Guid.NewGuid():N}";

    [Fact]
    public async Task Start_WithoutWait_IsAcceptedWithALocation()
    {
        using var response = await silo.StartAsync(behaviour: SiloFixture.Slow);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var view = await SiloFixture.ViewAsync(response);
        Assert.Equal($"/sagas/{view.Id}", response.Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.OK, (await silo.GetAsync($"/sagas/{view.Id}")).StatusCode);
    }

    [Fact]
    public async Task Start_WithWait_AnswersWithTheEnd()
    {
        var id = NewId();
        using var response = await silo.StartAsync($"?id={id}&version=1", prefer: "wait=20");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("wait=20", Assert.Single(response.Headers.GetValues("Preference-Applied")));
        var view = await SiloFixture.ViewAsync(response);
        Assert.Equal(SagaStatus.Completed, view.Status);
        Assert.Equal(id, view.Id.Value);
    }

    [Fact]
    public async Task Start_WhenTheWaitIsTooShort_IsAccepted()
    {
        using var response = await silo.StartAsync(prefer: "wait=1", behaviour: SiloFixture.Slow);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(SagaStatus.Running, (await SiloFixture.ViewAsync(response)).Status);
    }

    [Fact]
    public async Task Start_WhenPreferIsMalformed_IgnoresIt()
    {
        using var response = await silo.StartAsync(prefer: "wait=soon", behaviour: SiloFixture.Slow);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Fact]
    public async Task Start_KeepsCorrelationIdKeyAndTraceParent()
    {
        const string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var key = NewId();
        using var response = await silo.PostAsync(
            "/sagas/order",
            SiloFixture.Order(),
            $"\"{key}\"",
            "wait=20",
            ("Correlation-Id", "deal 7"),
            ("traceparent", trace)
        );
        var view = await SiloFixture.ViewAsync(response);
        Assert.Equal("deal 7", view.CorrelationId);
        var history = await (await silo.GetAsync($"/sagas/{view.Id}/history")).Content.ReadAsStringAsync();
        Assert.Contains($"\"causationId\":\"{key}\"", history, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_KeepsTheSagasHeaders()
    {
        using var response = await silo.PostAsync(
            "/sagas/order",
            SiloFixture.Order(),
            prefer: "wait=20",
            headers: ("Saga-Headers", "Tenant=acme , language=de%2DAT%20%C3%A4,empty=")
        );
        var view = await SiloFixture.ViewAsync(response);
        var history = await (await silo.GetAsync($"/sagas/{view.Id}/history")).Content.ReadAsStringAsync();
        Assert.Contains(
            "\"headers\":{\"Tenant\":\"acme\",\"empty\":\"\",\"language\":\"de-AT \\u00E4\"}",
            history,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Start_WhenTheKeyIsRepeated_NamesTheSameSaga()
    {
        var key = NewId();
        var first = await SiloFixture.ViewAsync(await silo.StartAsync(key: $"\"{key}\""));
        using var again = await silo.StartAsync(key: key, prefer: "wait=20");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(first.Id, (await SiloFixture.ViewAsync(again)).Id);
        Assert.Equal($"/sagas/{first.Id}", again.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Start_WhenTheKeyIsRepeatedWithAnotherBody_IsUnprocessable()
    {
        var key = NewId();
        using var first = await silo.StartAsync(key: key);
        using var other = await silo.StartAsync(key: key, customer: "bob");
        await ProblemAssert.IsAsync(other, HttpStatusCode.UnprocessableEntity, SagaProblems.KeyReused);
    }

    [Fact]
    public async Task Start_WhenManyRepeatAtOnce_AllNameOneSaga()
    {
        var key = NewId();
        var responses = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => silo.StartAsync(key: key, prefer: "wait=20")));
        var views = await Task.WhenAll(responses.Select(SiloFixture.ViewAsync));
        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Single(views.Select(view => view.Id).Distinct());
    }

    [Fact]
    public async Task Start_WhenTheIdIsTaken_IsAConflict()
    {
        var id = NewId();
        using var first = await silo.StartAsync($"?id={id}");
        using var second = await silo.StartAsync($"?id={id}");
        await ProblemAssert.IsAsync(second, HttpStatusCode.Conflict, SagaProblems.SagaExists);
    }

    [Theory]
    [InlineData("/sagas/nope")]
    [InlineData("/sagas/order?version=99")]
    public async Task Start_WhenTheTypeIsUnknown_IsNotFound(string path) =>
        await ProblemAssert.IsAsync(await silo.PostAsync(path, "{}"), HttpStatusCode.NotFound, SagaProblems.UnknownType);

    [Fact]
    public async Task Start_WhenTheTypeHas10000Characters_IsNotFound() =>
        await ProblemAssert.IsAsync(
            await silo.PostAsync($"/sagas/{new string('x', 10_000)}", "{}"),
            HttpStatusCode.NotFound,
            SagaProblems.UnknownType
        );

    [Theory]
    [InlineData("{")]
    [InlineData("{}}")]
    [InlineData("nul")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{\"quantity\":\"many\"}")]
    [InlineData("{\"customer\":{}}")]
    [InlineData("{\"total\":1e999}")]
    public async Task Start_WhenTheDataDoesNotFit_IsRefusedAndStartsNothing(string json)
    {
        var id = NewId();
        using var response = await silo.PostAsync($"/sagas/order?id={id}", json);
        await ProblemAssert.IsAsync(response, HttpStatusCode.BadRequest, SagaProblems.InvalidData);
        await ProblemAssert.IsAsync(await silo.GetAsync($"/sagas/{id}"), HttpStatusCode.NotFound, SagaProblems.SagaNotFound);
    }

    /// <summary>What nobody reads is kept and shown all the same: it must not spoil the view.</summary>
    [Theory]
    [InlineData("22C32822")]
    [InlineData("22FF22")]
    [InlineData("22EDA08022")]
    [InlineData("225C756438303022")]
    [InlineData("7B225C7564633030223A317D")]
    [InlineData("7B22C080223A317D")]
    public async Task Start_WhenAMemberNobodyKnowsIsNoUnicode_IsRefused(string hex)
    {
        var body = (byte[])[.. Encoding.UTF8.GetBytes(SiloFixture.Order()[..^1] + ",\"note\":"), .. Convert.FromHexString(hex), (byte)'}'];
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        await ProblemAssert.IsAsync(
            await silo.Client.PostAsync(new Uri("/sagas/order", UriKind.Relative), content),
            HttpStatusCode.BadRequest,
            SagaProblems.InvalidData
        );
    }

    [Fact]
    public async Task Start_WhenAMemberNobodyKnowsIsAnyOtherText_ShowsIt()
    {
        const string note = "{\"\\ud83d\\ude00\":\"\\u0000 \u00e4 \\\\ud800\"}";
        using var response = await silo.PostAsync("/sagas/order", $"{SiloFixture.Order(SiloFixture.Slow)[..^1]},\"note\":{note}}}");
        Assert.Contains(note, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WhenTheJsonIsDeep_IsRefused()
    {
        var deep = $"{{\"behaviour\":{new string('[', 100_000)}{new string(']', 100_000)}}}";
        await ProblemAssert.IsAsync(await silo.PostAsync("/sagas/order", deep), HttpStatusCode.BadRequest, SagaProblems.InvalidData);
    }

    [Fact]
    public async Task Start_WhenTheBodyIsEmpty_IsRefused() =>
        await ProblemAssert.IsAsync(await silo.PostAsync("/sagas/order", ""), HttpStatusCode.BadRequest, SagaProblems.InvalidRequest);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_WhenTheBodyIsTooLarge_IsRefused(bool announced)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sagas/order")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes($"{{\"customer\":\"{new string('x', 1_100_000)}\"}}")),
        };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TransferEncodingChunked = !announced;
        using var response = await silo.Client.SendAsync(request);
        await ProblemAssert.IsAsync(response, HttpStatusCode.RequestEntityTooLarge, SagaProblems.TooLarge);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData(null)]
    public async Task Start_WhenTheBodyIsNotJson_IsUnsupported(string? contentType)
    {
        using var content = new ByteArrayContent("{}"u8.ToArray());
        if (contentType is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        await ProblemAssert.IsAsync(
            await silo.Client.PostAsync(new Uri("/sagas/order", UriKind.Relative), content),
            HttpStatusCode.UnsupportedMediaType,
            SagaProblems.UnsupportedMediaType
        );
    }

    [Theory]
    [InlineData("?id=")]
    [InlineData("?id=a%2Fb")]
    [InlineData("?id=caf%C3%A9")]
    [InlineData("?id=a&id=b")]
    [InlineData("?version=0")]
    [InlineData("?version=-1")]
    [InlineData("?version=one")]
    [InlineData("?version=99999999999")]
    public async Task Start_WhenTheQueryIsMalformed_IsRefused(string query) =>
        await ProblemAssert.IsAsync(await silo.StartAsync(query), HttpStatusCode.BadRequest, SagaProblems.InvalidRequest);

    [Fact]
    public async Task Start_WhenTheIdHas10000Characters_IsRefused()
    {
        var detail = await ProblemAssert.IsAsync(
            await silo.StartAsync($"?id={new string('x', 10_000)}"),
            HttpStatusCode.BadRequest,
            SagaProblems.InvalidRequest
        );
        Assert.Contains("10000", detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Idempotency-Key", "\"open")]
    [InlineData("Idempotency-Key", "")]
    [InlineData("Correlation-Id", "")]
    [InlineData("Saga-Headers", "")]
    [InlineData("Saga-Headers", "tenant")]
    [InlineData("Saga-Headers", "tenant=a,tenant=b")]
    [InlineData("Saga-Headers", "tenant=a,,b=c")]
    [InlineData("Saga-Headers", "=a")]
    [InlineData("Saga-Headers", "a b=c")]
    [InlineData("Saga-Headers", "a=b;c=d")]
    [InlineData("Saga-Headers", "a=b c")]
    [InlineData("Saga-Headers", "a=%ZZ")]
    [InlineData("Saga-Headers", "a=%4")]
    [InlineData("Saga-Headers", "a=%FF")]
    [InlineData("Saga-Headers", "a=%ED%A0%80")]
    [InlineData(
        "Correlation-Id",
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
    )]
    public async Task Start_WhenAHeaderIsMalformed_IsRefused(string name, string value) =>
        await ProblemAssert.IsAsync(
            await silo.PostAsync("/sagas/order", SiloFixture.Order(), headers: (name, value)),
            HttpStatusCode.BadRequest,
            SagaProblems.InvalidRequest
        );
}
