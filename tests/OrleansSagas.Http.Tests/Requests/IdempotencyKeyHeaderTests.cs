using Microsoft.Extensions.Primitives;
using OrleansSagas.Http.Requests;

namespace OrleansSagas.Http.Tests.Requests;

public sealed class IdempotencyKeyHeaderTests
{
    [Fact]
    public void TryRead_WhenAbsent_HasNoKey()
    {
        Assert.True(IdempotencyKeyHeader.TryRead(StringValues.Empty, out var key, out _));
        Assert.Null(key);
    }

    [Theory]
    [InlineData("\"abc\"", "abc")]
    [InlineData("abc", "abc")]
    [InlineData("  \"abc\"\t", "abc")]
    [InlineData("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324")]
    [InlineData("\"a b, c; d\"", "a b, c; d")]
    [InlineData("\"say \\\"hi\\\" \\\\ there\"", "say \"hi\" \\ there")]
    [InlineData("\" \"", " ")]
    public void TryRead_WhenWellFormed_UnquotesIt(string header, string expected)
    {
        Assert.True(IdempotencyKeyHeader.TryRead(header, out var key, out var error), error);
        Assert.Equal(expected, key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\"\"")]
    [InlineData("\"")]
    [InlineData("\"abc")]
    [InlineData("abc\"")]
    [InlineData("\"abc\\\"")]
    [InlineData("\"a\\bc\"")]
    [InlineData("\"abc\"x")]
    [InlineData("\"abc\";p=1")]
    [InlineData("\"a\", \"b\"")]
    [InlineData("a, b")]
    [InlineData("a b")]
    [InlineData("\"caf\u00e9\"")]
    [InlineData("caf\u00e9")]
    [InlineData("\"a\tb\"")]
    [InlineData("\"a\u007fb\"")]
    public void TryRead_WhenMalformed_SaysWhatIsWrong(string header)
    {
        Assert.False(IdempotencyKeyHeader.TryRead(header, out var key, out var error));
        Assert.Null(key);
        Assert.Contains("Idempotency-Key", error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_WhenSentTwice_IsRefused() => Assert.False(IdempotencyKeyHeader.TryRead(new StringValues(["a", "a"]), out _, out _));

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    [InlineData(10_000, false)]
    public void TryRead_WhenLong_IsTakenUpToTheBound(int length, bool taken)
    {
        Assert.Equal(taken, IdempotencyKeyHeader.TryRead(new string('k', length), out _, out _));
        Assert.Equal(taken, IdempotencyKeyHeader.TryRead($"\"{new string('k', length)}\"", out _, out _));
        Assert.Equal(taken, IdempotencyKeyHeader.TryRead($"\"{string.Concat(Enumerable.Repeat("\\\"", length))}\"", out _, out _));
    }
}
