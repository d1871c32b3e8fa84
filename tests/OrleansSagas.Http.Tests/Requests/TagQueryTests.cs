using Microsoft.Extensions.Primitives;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Tests.Requests;

public sealed class TagQueryTests
{
    [Fact]
    public void TryRead_WhenSeveral_SplitsEachAtTheFirstColon()
    {
        Assert.True(TagQuery.TryRead(new StringValues(["customer:ada", "url:http://x", "empty:"]), out var tags, out _));
        Assert.Equal([new("customer", "ada"), new("url", "http://x"), new("empty", "")], tags);
    }

    [Theory]
    [InlineData("")]
    [InlineData("customer")]
    [InlineData(":ada")]
    public void TryRead_WhenMalformed_SaysWhichOne(string tag)
    {
        Assert.False(TagQuery.TryRead(tag, out _, out var error));
        Assert.Contains($"'{tag}'", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64, 256, true)]
    [InlineData(65, 1, false)]
    [InlineData(1, 257, false)]
    public void TryRead_WhenLong_IsTakenUpToTheBounds(int name, int value, bool taken) =>
        Assert.Equal(taken, TagQuery.TryRead($"{new string('n', name)}:{new string('v', value)}", out _, out _));

    [Fact]
    public void TryRead_WhenMoreThanASagaHas_IsRefused() =>
        Assert.False(TagQuery.TryRead(new StringValues([.. Enumerable.Repeat("a:b", 17)]), out _, out _));
}
