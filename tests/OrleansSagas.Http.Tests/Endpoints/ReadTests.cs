using System.Net;
using System.Text.Json;

namespace OrleansSagas.Http.Tests.Endpoints;

public sealed class ReadTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Get_HasTheRevisionAsETag()
    {
        var view = await SiloFixture.ViewAsync(await silo.StartAsync(prefer: "wait=20"));
        using var response = await silo.GetAsync($"/sagas/{view.Id}");
        Assert.Equal($"\"{view.Revision}\"", response.Headers.ETag?.Tag);
        Assert.Equal(view.Status, (await SiloFixture.ViewAsync(response)).Status);
    }

    [Fact]
    public async Task Get_WithWait_AnswersWhenTheSagaHasEnded()
    {
        var view = await SiloFixture.ViewAsync(await silo.StartAsync(behaviour: """{"create-shipment":{"slowSeconds":0.3}}"""));
        using var response = await silo.GetAsync($"/sagas/{view.Id}", ("Prefer", "wait=20"));
        Assert.Equal(SagaStatus.Completed, (await SiloFixture.ViewAsync(response)).Status);
        Assert.Equal("wait=20", Assert.Single(response.Headers.GetValues("Preference-Applied")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/history")]
    [InlineData("/events")]
    public async Task Get_WhenTheIdIsUnknown_IsNotFound(string path) =>
        await ProblemAssert.IsAsync(await silo.GetAsync($"/sagas/nobody{path}"), HttpStatusCode.NotFound, SagaProblems.SagaNotFound);

    [Theory]
    [InlineData("")]
    [InlineData("/history")]
    [InlineData("/events")]
    public async Task Get_WhenTheIdIsNone_IsRefused(string path)
    {
        await ProblemAssert.IsAsync(await silo.GetAsync($"/sagas/a%20b{path}"), HttpStatusCode.BadRequest, SagaProblems.InvalidRequest);
        await ProblemAssert.IsAsync(
            await silo.GetAsync($"/sagas/{new string('x', 10_000)}{path}"),
            HttpStatusCode.BadRequest,
            SagaProblems.InvalidRequest
        );
    }

    [Fact]
    public async Task History_IsPagedByRevision()
    {
        var view = await SiloFixture.ViewAsync(await silo.StartAsync(prefer: "wait=20"));
        var revisions = new List<long>();
        for (long? after = 0; after is not null; )
        {
            var text = await (await silo.GetAsync($"/sagas/{view.Id}/history?after={after}&limit=2")).Content.ReadAsStringAsync();
            var page = JsonSerializer.Deserialize(text, SagaJsonContext.Default.SagaHistory)!;
            revisions.AddRange(page.Items.Select(entry => entry.Revision));
            after = page.Next;
        }
        Assert.Equal(Enumerable.Range(1, (int)view.Revision).Select(i => (long)i), revisions);
    }

    [Theory]
    [InlineData("?after=-1")]
    [InlineData("?after=x")]
    [InlineData("?limit=0")]
    [InlineData("?limit=1001")]
    public async Task History_WhenTheQueryIsMalformed_IsRefused(string query) =>
        await ProblemAssert.IsAsync(
            await silo.GetAsync($"/sagas/any/history{query}"),
            HttpStatusCode.BadRequest,
            SagaProblems.InvalidRequest
        );

    [Fact]
    public async Task List_FindsByEachConditionAndPagesNewestFirst()
    {
        var customer = $"c{Guid.NewGuid():N}";
        var started = new List<SagaView>();
        for (var i = 0; i < 5; i++)
            started.Add(
                await SiloFixture.ViewAsync(
                    await silo.PostAsync(
                        "/sagas/order",
                        SiloFixture.Order(customer: customer),
                        prefer: "wait=20",
                        headers: ("Correlation-Id", $"{customer}-{i}")
                    )
                )
            );
        started.Reverse();

        var found = new List<SagaId>();
        string? after = null;
        do
        {
            var page = await ListAsync(
                $"?tag=customer:{customer}&tag=item:teapot&type=order&status=completed&limit=2"
                    + $"{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}"
            );
            Assert.InRange(page.Items.Count, 1, 2);
            found.AddRange(page.Items.Select(item => item.Id));
            after = page.Next;
        } while (after is not null);
        Assert.Equal(started.Select(view => view.Id), found);

        Assert.Equal(started[1].Id, Assert.Single((await ListAsync($"?correlationId={customer}-3")).Items).Id);
        Assert.Empty((await ListAsync($"?tag=customer:{customer}&status=Stuck")).Items);
        Assert.Empty((await ListAsync($"?tag=customer:{customer}&type=other")).Items);
        Assert.Equal(5, (await ListAsync($"?tag=customer:{customer}&startedFrom={Text(started[^1].StartedAt)}")).Items.Count);
        Assert.Empty((await ListAsync($"?tag=customer:{customer}&startedBefore={Text(started[^1].StartedAt)}")).Items);
    }

    [Theory]
    [InlineData("?tag=nocolon")]
    [InlineData("?after=not-a-cursor")]
    [InlineData("?after=%00")]
    [InlineData("?status=Sleeping")]
    [InlineData("?limit=many")]
    [InlineData("?startedFrom=soon")]
    public async Task List_WhenTheQueryIsMalformed_IsRefused(string query) =>
        await ProblemAssert.IsAsync(await silo.GetAsync($"/sagas{query}"), HttpStatusCode.BadRequest, SagaProblems.InvalidRequest);

    private static string Text(DateTimeOffset time) => Uri.EscapeDataString(time.ToString("O"));

    private async Task<SagaPage> ListAsync(string query)
    {
        using var response = await silo.GetAsync($"/sagas{query}");
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize(text, SagaJsonContext.Default.SagaPage)!;
    }
}
