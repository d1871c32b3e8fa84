using System.Buffers;
using System.Text;
using OrleansSagas.Http.Events;

namespace OrleansSagas.Http.Tests.Events;

public sealed class EventStreamFormatTests
{
    [Theory]
    [InlineData("{}", "data: {}\n")]
    [InlineData("{\n}", "data: {\ndata: }\n")]
    [InlineData("{\r\n}", "data: {\ndata: }\n")]
    [InlineData("{\r}", "data: {\ndata: }\n")]
    [InlineData("{\n\n}\n", "data: {\ndata: \ndata: }\ndata: \n")]
    [InlineData("{\r", "data: {\ndata: \n")]
    public void WriteData_WhenTheJsonHasLineBreaks_EachLineIsAField(string json, string expected)
    {
        var output = new ArrayBufferWriter<byte>();
        EventStreamFormat.WriteData(output, Encoding.UTF8.GetBytes(json));
        Assert.Equal(expected, Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void Write_HasIdNameAndData()
    {
        var output = new ArrayBufferWriter<byte>();
        EventStreamFormat.Write(
            output,
            new SagaHistoryEntry
            {
                Revision = 7,
                Event = "ended",
                At = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero),
                Body = new SagaData("{}"u8.ToArray()),
            }
        );
        Assert.Equal(
            "id: 7\nevent: ended\ndata: {\"revision\":7,\"event\":\"ended\",\"at\":\"2026-01-31T12:00:00+00:00\",\"body\":{}}\n\n",
            Encoding.UTF8.GetString(output.WrittenSpan)
        );
    }

    /// <summary>Whoever has room for as much as it says has room for the event.</summary>
    [Theory]
    [InlineData("{}")]
    [InlineData("[1,\n\n\n\n\n\n\n2]")]
    public void SizeOf_WhenEachLineBecomesAField_IsEnough(string json)
    {
        var many = $"[{string.Join(",\r\n", Enumerable.Repeat(json, 2_000))}]";
        var entry = new SagaHistoryEntry
        {
            Revision = long.MaxValue,
            Event = "step-succeeded",
            At = DateTimeOffset.MaxValue,
            Actor = new string('a', 256),
            CausationId = new string('c', 255),
            Body = new(Encoding.UTF8.GetBytes(many)),
            Data = new(Encoding.UTF8.GetBytes(many)),
        };
        var output = new ArrayBufferWriter<byte>();
        EventStreamFormat.Write(output, entry);
        Assert.InRange(output.WrittenCount, 2 * many.Length, EventStreamFormat.SizeOf(entry));
    }
}
