using System.Net;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace OrleansSagas.Client;

/// <summary>One connection of a watch: the entries that came over it, and how it ended.</summary>
internal sealed class WatchConnection(SagaChannel channel, SagaId id, long last)
{
    public SagaCall Call { get; } =
        new(HttpMethod.Get, $"sagas/{Uri.EscapeDataString(id.Value)}/events")
        {
            Kind = SagaCallKind.Watch,
            Purpose = $"watch saga '{id}'",
            Saga = id,
            LastEventId = last,
        };

    /// <summary>Whether the server said that the saga has ended and nothing is left to give.</summary>
    public bool SagaHasEnded { get; private set; }

    /// <summary>What broke the connection; null where the server closed it in good order.</summary>
    public Exception? Failure { get; set; }

    /// <summary>The clock's timestamp of the answer.</summary>
    public long OpenedAt { get; private set; }

    public TimeSpan Age => channel.Clock.GetElapsedTime(OpenedAt);

    public async IAsyncEnumerable<SagaHistoryEntry> EntriesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await channel.SendAsync(Call, cancellationToken);
        OpenedAt = channel.Clock.GetTimestamp();
        SagaHasEnded = answer.StatusCode == HttpStatusCode.NoContent;
        if (SagaHasEnded)
            yield break;
        if (answer.StatusCode != HttpStatusCode.OK || answer.Content.Headers.ContentType?.MediaType != "text/event-stream")
            throw SagaFailures.NotUnderstood(Call, answer, null);

        await using var stream = new WatchStream(await answer.Content.ReadAsStreamAsync(cancellationToken), channel.Options, channel.Clock);
        await using var events = SseParser.Create(stream, Parse).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(events, answer))
        {
            stream.BeginEntry();
            yield return events.Current.Data;
        }
    }

    private static SagaHistoryEntry Parse(string eventType, ReadOnlySpan<byte> data) =>
        JsonSerializer.Deserialize(data, SagaJsonContext.Default.SagaHistoryEntry) ?? throw new JsonException("The event is null.");

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<SseItem<SagaHistoryEntry>> events, HttpResponseMessage answer)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (JsonException garbage)
        {
            throw SagaFailures.NotUnderstood(Call, answer, garbage);
        }
        catch (InvalidDataException tooLarge)
        {
            throw SagaFailures.TooLarge(Call, channel.Options, tooLarge);
        }
        catch (Exception broken) when (SagaRetries.IsTransient(broken))
        {
            Failure = broken;
            return false;
        }
    }
}
