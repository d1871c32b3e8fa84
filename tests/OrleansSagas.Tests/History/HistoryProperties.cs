using OrleansSagas.Decisions;
using OrleansSagas.History;
using OrleansSagas.Storage;
using OrleansSagas.Tests.Decisions;
using static OrleansSagas.Tests.Decisions.Properties;

namespace OrleansSagas.Tests.History;

/// <summary>What is written of any saga says all that there was to say.</summary>
public sealed class HistoryProperties
{
    [Fact]
    public void Snapshot_OfAnyState_IsReadAsItWas() =>
        HoldInEachState(
            Script.Any,
            (_, state) =>
            {
                if (state.Ended is not null)
                    return; // Nobody loads it to go on.
                var row = new SagaRow
                {
                    Status = state.Status,
                    Snapshot = SagaSnapshot.Write(state),
                    SnapshotRevision = state.Revision,
                };

                // There is no store to fall back on.
                var read = SagaSnapshot.FoldAsync(null!, new StoredSaga(state.Key, 1, state.Identity, row, []), CancellationToken.None);

                Assert.Equal(state, read.GetAwaiter().GetResult());
            }
        );

    [Fact]
    public void Fold_OfWhatWasWritten_IsTheState() =>
        Hold(
            Script.Any,
            history =>
            {
                var written = new List<StoredEntry>();
                Write(history.Start.Events, Story.Noon);
                foreach (var turn in history.Turns)
                    Write(turn.Events, turn.Now);

                Assert.Equal(history.State, SagaEventFormat.Fold(Story.Key, null, written));

                void Write(IReadOnlyList<SagaEvent> events, DateTimeOffset at)
                {
                    foreach (var what in events)
                        written.Add(SagaEventFormat.Write(what, written.Count + 1, at, new CommitId(1), null, null, null));
                }
            }
        );
}
