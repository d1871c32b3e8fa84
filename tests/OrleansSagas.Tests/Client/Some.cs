using System.Text.Json;

namespace OrleansSagas.Tests.Client;

/// <summary>Examples of the contracts, and bounded waits.</summary>
internal static class Some
{
    private static readonly DateTimeOffset At = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static SagaView View(SagaStatus status = SagaStatus.Running, string id = "s1") =>
        new()
        {
            Id = new SagaId(id),
            Type = "order",
            Version = 1,
            Status = status,
            Revision = 3,
            StartedAt = At,
            UpdatedAt = At,
        };

    public static SagaSummary Summary(string id) =>
        new()
        {
            Id = new SagaId(id),
            Type = "order",
            Version = 1,
            Status = SagaStatus.Running,
            StartedAt = At,
        };

    public static SagaHistoryEntry Entry(long revision) =>
        new()
        {
            Revision = revision,
            Event = "step-succeeded",
            At = At,
            Body = SagaData.From(new { step = "pay" }),
        };

    public static string Event(long revision) =>
        $"id: {revision}\nevent: step-succeeded\ndata: "
        + $"{JsonSerializer.Serialize(Entry(revision), SagaJsonContext.Default.SagaHistoryEntry)}\n\n";

    public static string Events(int from, int to) =>
        string.Concat(Enumerable.Range(from, to - from + 1).Select(revision => Event(revision)));

    public static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
            list.Add(item);
        return list;
    }

    /// <summary>Fails where what the test waits for does not come within 30 seconds.</summary>
    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(30));

    public static Task Soon(this Task task) => task.WaitAsync(TimeSpan.FromSeconds(30));
}
