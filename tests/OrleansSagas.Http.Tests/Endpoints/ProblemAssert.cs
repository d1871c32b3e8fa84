using System.Net;
using System.Text.Json;

namespace OrleansSagas.Http.Tests.Endpoints;

internal static class ProblemAssert
{
    public const string Blank = "about:blank";

    /// <summary>Asserts that <paramref name="response"/> is a problem that shows nothing of the inside; returns its detail.</summary>
    public static async Task<string> IsAsync(HttpResponseMessage response, HttpStatusCode status, string type)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", body, StringComparison.Ordinal);
        Assert.InRange(body.Length, 1, 2_000);
        var json = JsonDocument.Parse(body).RootElement;
        Assert.Equal(type, json.GetProperty("type").GetString());
        Assert.Equal((int)status, json.GetProperty("status").GetInt32());
        Assert.NotEqual("", json.GetProperty("title").GetString());
        return json.GetProperty("detail").GetString()!;
    }
}
