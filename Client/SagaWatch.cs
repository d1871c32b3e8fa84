using System.Runtime.CompilerServices;

namespace OrleansSagas.Client;

/// <summary>Follows a saga's history over server-sent events, across broken connections, to the saga's end.</summary>
internal sealed class SagaWatch(SagaChannel channel, SagaId id, long after)
{
    public async IAsyncEnumerable<SagaHistoryEntry> EntriesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = after;
        long? failingSince = null;
        while (true)
        {
            var connection = new WatchConnection(channel, id, last);
            var first = last;
            await foreach (var entry in connection.EntriesAsync(cancellationToken))
            {
                if (entry.Revision <= last)
                    continue;
                if (entry.Revision > last + 1)
                {
                    connection.Failure = new InvalidDataException(
                        $"Revision {entry.Revision} came after {last}: what lies between is missing"
                    );
                    break;
                }
                last = entry.Revision;
                yield return entry;
            }

            if (connection.SagaHasEnded)
                yield break;
            if (last > first && connection.Failure is null)
                continue; // closed in good order: most likely the end, which the next answer says

            var good = last > first || connection.Age >= channel.Options.MaxRetryDelay;
            failingSince = good ? null : failingSince ?? connection.OpenedAt;
            if (failingSince is { } since && channel.Clock.GetElapsedTime(since) >= channel.Options.RetryFor)
                throw SagaFailures.WatchBroken(connection.Call, last, connection.Failure);
            await Task.Delay(channel.Options.RetryDelay * (0.5 + Random.Shared.NextDouble()), channel.Clock, cancellationToken);
        }
    }
}
