using Microsoft.AspNetCore.Http;
using OrleansSagas.Http.Reading;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Tests.Requests;

public sealed class ContentTypeAndQueryTests
{
    [Theory]
    [InlineData("application/json", true)]
    [InlineData("Application/JSON", true)]
    [InlineData("application/json; charset=utf-8", true)]
    [InlineData("application/json;charset=\"UTF-8\"", true)]
    [InlineData("application/json; charset=utf-16", false)]
    [InlineData("application/jsonx", false)]
    [InlineData("text/plain", false)]
    [InlineData("text/plain; application/json", false)]
    [InlineData("application/x-www-form-urlencoded", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Matches_TakesJsonInUtf8Only(string? contentType, bool expected) =>
        Assert.Equal(expected, JsonContentType.Matches(contentType));

    [Theory]
    [InlineData("?startedFrom=2026-01-31", "2026-01-31T00:00:00Z")]
    [InlineData("?startedFrom=2026-01-31T12:00Z", "2026-01-31T12:00:00Z")]
    [InlineData("?startedFrom=2026-01-31T12:00:00.25Z", "2026-01-31T12:00:00.25Z")]
    [InlineData("?startedFrom=2026-01-31T12:00:00%2B02:00", "2026-01-31T10:00:00Z")]
    [InlineData("?startedFrom=2026-01-31T12:00:00", "2026-01-31T12:00:00Z")]
    public void Read_WhenTimeIsIso8601_ReadsItAsUtc(string query, string expected)
    {
        var read = ListRequest.Read(Parse(query));
        Assert.Null(read.Refusal);
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), read.StartedFrom);
    }

    [Theory]
    [InlineData("?startedFrom=yesterday", "startedFrom")]
    [InlineData("?startedBefore=2026-01-31T12:00:00+02:00", "startedBefore")]
    [InlineData("?status=1", "status")]
    [InlineData("?status=Running,Paused", "status")]
    [InlineData("?status=", "status")]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=1001", "limit")]
    [InlineData("?limit=%2B5", "limit")]
    [InlineData("?limit=5&limit=6", "limit")]
    [InlineData("?type=", "type")]
    [InlineData("?tag=x", "tag")]
    public void Read_WhenOneIsMalformed_NamesIt(string query, string name) =>
        Assert.Contains(name, ListRequest.Read(Parse(query)).Refusal?.Detail, StringComparison.Ordinal);

    [Fact]
    public void Read_WhenEmpty_AsksForEverything()
    {
        var request = ListRequest.Read(Parse(""));
        Assert.Null(request.Refusal);
        Assert.Null(request.Limit);
        Assert.Null(request.Status);
        Assert.Empty(request.Tags);
    }

    private static HttpRequest Parse(string query) => new DefaultHttpContext { Request = { QueryString = new QueryString(query) } }.Request;
}
