using Microsoft.Extensions.Primitives;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Tests.Requests;

public sealed class PreferHeaderTests
{
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("wait=5", 5)]
    [InlineData("wait=0", 0)]
    [InlineData("WAIT = 5", 5)]
    [InlineData("wait=\"5\"", 5)]
    [InlineData("respond-async, wait=10", 10)]
    [InlineData("wait=10, respond-async", 10)]
    [InlineData("foo; bar=\"a, wait=3\", wait=7", 7)]
    [InlineData("foo=\"\\\", wait=3\", wait=7", 7)]
    [InlineData("wait=5; unknown=1", 5)]
    [InlineData("wait=5, wait=6", 5)]
    [InlineData("wait=61", 60)]
    [InlineData("wait=99999999999999999999999", 60)]
    [InlineData(" ,, wait=4", 4)]
    public void ReadWait_WhenThere_IsTheFirstOneCapped(string header, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), PreferHeader.ReadWait(header, Max));

    [Theory]
    [InlineData("")]
    [InlineData("wait")]
    [InlineData("wait=")]
    [InlineData("wait=\"\"")]
    [InlineData("wait=-1")]
    [InlineData("wait=+1")]
    [InlineData("wait=1.5")]
    [InlineData("wait=abc")]
    [InlineData("wait=x, wait=5")]
    [InlineData("respond-async")]
    [InlineData("waiting=5")]
    [InlineData("foo=\"wait=5")]
    public void ReadWait_WhenAbsentOrMalformed_IsIgnored(string header) => Assert.Null(PreferHeader.ReadWait(header, Max));

    [Fact]
    public void ReadWait_WhenSeveralHeaders_ReadsThemAsOne() =>
        Assert.Equal(TimeSpan.FromSeconds(3), PreferHeader.ReadWait(new StringValues(["respond-async", "wait=3", "wait=4"]), Max));

    [Fact]
    public void ReadWait_WhenNoHeader_IsNull() => Assert.Null(PreferHeader.ReadWait(StringValues.Empty, Max));
}
