using System.Net;

namespace OrleansSagas.Http.Tests.Endpoints;

public sealed class StuckTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Skip_WhenTheStepIsNotStuck_IsNotPossible()
    {
        var view = await SiloFixture.ViewAsync(await silo.StartAsync(behaviour: SiloFixture.Slow));
        foreach (var step in new[] { "nope", "//", "%zz", "create-shipment" })
        {
            await ProblemAssert.IsAsync(
                await silo.PostAsync($"/sagas/{view.Id}/skip", $$"""{"reason":"because","step":"{{step}}"}"""),
                HttpStatusCode.Conflict,
                SagaProblems.NotPossible
            );
        }
    }
}
